"""Routes of watched folders: what changes in them is taken in by itself. Removing a watch removes no file."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Response

from services.search.audit.notes import Noting
from services.search.http.conditions import require, version
from services.search.http.versions import IfMatch
from services.search.identity.asking import Asking
from services.search.resources import Provided
from services.search.watches import repository
from services.search.watches.schemas import NewWatch, Watch, WatchChange, Watches
from shared.errors import Conflict, Invalid

SETTINGS = ("path", *WatchChange.model_fields)
"""What people set of a watch."""

router = APIRouter(prefix="/api/watches", tags=["watches"])


@router.get("")
async def list_watches(resources: Provided) -> Watches:
    """Every watched folder, and how it is watched now."""
    async with resources.platform.database.connection() as connection:
        return Watches(watches=[answered(watch) for watch in await repository.watches(connection)])


@router.post("", status_code=201)
async def add_watch(resources: Provided, asking: Asking, notes: Noting, request: NewWatch) -> Watch:
    """Watch a folder from now on; what lies in it already is taken in first."""
    path = await asyncio.to_thread(folder_of, request.path)
    path_raw = os.fsencode(path)
    async with resources.platform.database.transaction() as connection:
        await repository.lock(connection)
        refuse_overlap(path_raw, await repository.watches(connection), recursive=request.recursive)
        watch_id = await repository.add(
            connection,
            path=str(path),
            path_raw=path_raw,
            recursive=request.recursive,
            settle_seconds=request.settle_seconds,
            poll=request.poll,
            asked_by=asking.name,
        )
        notes.add(watch_id=watch_id)
        return answered(await repository.find(connection, watch_id))


@router.patch("/{watch_id}")
async def change_watch(resources: Provided, watch_id: UUID, request: WatchChange, if_match: IfMatch = None) -> Watch:
    """Change how a folder is watched, or pause it."""
    async with resources.platform.database.transaction() as connection:
        await repository.lock(connection)
        before = await repository.find(connection, watch_id)
        require(if_match, version_of(before), "watch")
        others = [watch for watch in await repository.watches(connection) if watch.id != watch_id]
        recursive = before.recursive if request.recursive is None else request.recursive
        refuse_overlap(before.path_raw, others, recursive=recursive)
        await repository.change(connection, watch_id, **request.model_dump())
        return answered(await repository.find(connection, watch_id))


@router.delete("/{watch_id}", status_code=204)
async def remove_watch(resources: Provided, watch_id: UUID, if_match: IfMatch = None) -> Response:
    """Watch a folder no more; its files stay in the library."""
    async with resources.platform.database.transaction() as connection:
        await repository.lock(connection)
        require(if_match, version_of(await repository.find(connection, watch_id)), "watch")
        await repository.remove(connection, watch_id)
    return Response(status_code=204)


def folder_of(written: str) -> Path:
    """The folder at a path; raises Invalid unless there is one, given in full."""
    path = Path(written)
    if not path.is_absolute() or ".." in path.parts:
        raise Invalid(f"Give the folder in full, from the root and without '..', instead of {written}.")
    try:
        if not path.is_dir():
            raise Invalid(f"There is no folder at {written} on the machine that Spillway runs on; check the path.")
        written.encode()
    except (OSError, ValueError) as error:  # too long, not allowed, a zero byte, or no Unicode
        raise Invalid(f"The folder {written!a} cannot be watched ({error}); check the path.") from error
    return path


def refuse_overlap(path_raw: bytes, others: Iterable[repository.Watch], *, recursive: bool) -> None:
    """Raise Conflict if the folder is watched already, by itself or with one around it, or has a watched one in it."""
    ours = Path(os.fsdecode(path_raw))
    for other in others:
        theirs = Path(os.fsdecode(other.path_raw))
        if ours == theirs:
            raise Conflict(f"{other.path} is watched already.")
        if other.recursive and ours.is_relative_to(theirs):
            raise Conflict(f"{ours} is watched already, as part of {other.path}.")
        if recursive and theirs.is_relative_to(ours):
            raise Conflict(f"{other.path}, which lies in {ours}, is watched already; remove that watch first.")


def answered(watch: repository.Watch) -> Watch:
    """A watch as the API tells it."""
    told = {name: getattr(watch, name) for name in Watch.model_fields if name != "version"}
    return Watch.model_validate({**told, "version": version_of(watch)})


def version_of(watch: repository.Watch) -> str:
    """The version of what people have set."""
    return version({name: getattr(watch, name) for name in SETTINGS})
