"""Routes of imports and rescans: ask for one, see how far it is and what it found, apply that, or call it off."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.http import cursors
from services.search.http.idempotency import Key, begun, id_named
from services.search.identity.asking import Asking
from services.search.imports import repository as imports_repository
from services.search.imports.progress import WINDOW, describe
from services.search.imports.repository import Count, Found, Problem
from services.search.imports.schemas import Approval, ImportDirectory, Rescan, ScanReport, ScanState, ScanStatus
from services.search.resources import Provided
from services.search.schemas import JobAccepted
from shared import jobs
from shared.changes import Change
from shared.clock import utc_now
from shared.database import Connection, Database
from shared.errors import Invalid, NotFound
from shared.jobs import Job, Selection

router = APIRouter(prefix="/api/files", tags=["imports"])

Name = Literal["import-directory", "rescan"]
KINDS: dict[Name, str] = {"import-directory": "import", "rescan": "rescan"}
"""Kinds of jobs by their names in paths."""
LONGEST_CURSOR = 12_000
"""Characters: a path of 4,096 bytes, three of which take four characters, and then some."""


@router.post("/import-directory", status_code=202, response_model=JobAccepted)
async def import_directory(
    resources: Provided, asking: Asking, notes: Noting, request: ImportDirectory, key: Key = None
) -> JobAccepted:
    """Ask for a file or folder of this machine to be imported."""
    path, named = Path(request.path), id_named(asking, "import", key)
    async with resources.platform.effects.begin() as effect:
        if await begun(effect.connection, named) is None and not await asyncio.to_thread(_exists, path):
            raise Invalid(f"There is nothing at {request.path} on the machine that Spillway runs on; check the path.")
        job_id = await jobs.request_import(
            effect.connection,
            path,
            source=effect.service,
            recursive=request.recursive,
            apply=request.apply,
            duplicates=request.duplicates,
            asked_by=asking.name,
            job_id=named,
        )
    notes.add(job_id=job_id)
    return JobAccepted(job_id=job_id)


@router.post("/rescan", status_code=202, response_model=JobAccepted)
async def rescan(resources: Provided, asking: Asking, notes: Noting, request: Rescan, key: Key = None) -> JobAccepted:
    """Ask for a place, or all that was ever imported, to be looked through for what is new, moved, missing or changed."""
    path = None if request.path is None else Path(_without_zeros(request.path))
    async with resources.platform.effects.begin() as effect:
        job_id = await jobs.request_rescan(
            effect.connection,
            path,
            source=effect.service,
            apply=request.apply,
            asked_by=asking.name,
            job_id=id_named(asking, "rescan", key),
        )
    notes.add(job_id=job_id)
    return JobAccepted(job_id=job_id)


@router.get("/{name}/{job_id}/status", response_model=ScanStatus)
async def get_status(resources: Provided, name: Name, job_id: UUID) -> JSONResponse:
    """How far the job is, what it found so far, and how long it will take."""
    async with resources.platform.database.connection() as connection:
        job = await find_scan(connection, job_id, KINDS[name])
    # What was counted before somebody approved or cancelled is no answer after it.
    counted = partial(count, job_id, resources.platform.database)
    counts, problems = await resources.looks.at(("scan", job_id, job.state, job.phase), counted)
    return JSONResponse(describe(job, counts, problems, utc_now()))


@router.get("/{name}/{job_id}/report", response_model=ScanReport)
async def get_report(
    resources: Provided,
    name: Name,
    job_id: UUID,
    change: Annotated[tuple[Change, ...], Query(description="Only these changes; may be given several times.")] = (),
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JSONResponse:
    """What was found, path by path; nothing of it is true of the library until it is applied."""
    after = cursors.read_place(cursor) if cursor else b""
    async with resources.platform.database.connection() as connection:
        await find_scan(connection, job_id, KINDS[name])
        found = await imports_repository.report(connection, job_id, change, after, limit + 1)
    following = cursors.write_place(found[limit - 1].path_raw) if len(found) > limit else None
    return JSONResponse({"items": [told(item) for item in found[:limit]], "next_cursor": following})


@router.post("/{name}/{job_id}/cancel", response_model=ScanState)
async def cancel(resources: Provided, name: Name, job_id: UUID) -> ScanState:
    """Call the job off; what it has taken in stays."""
    async with resources.platform.effects.begin() as effect:
        await find_scan(effect.connection, job_id, KINDS[name])
        await jobs.cancel(effect.connection, job_id, source=effect.service)
    return ScanState(job_id=job_id, state="cancelled")


@router.post("/{name}/{job_id}/apply", status_code=202, response_model=ScanState)
async def apply(resources: Provided, name: Name, job_id: UUID, approval: Approval) -> ScanState:
    """Apply what a report lists, or what is selected of it; only a job that is `reported` has one that waits."""
    selection = Selection(changes=approval.changes, paths=approval.paths, excepted=approval.excepted)
    async with resources.platform.effects.begin() as effect:
        await find_scan(effect.connection, job_id, KINDS[name])
        await jobs.approve(effect.connection, job_id, selection, source=effect.service)
    return ScanState(job_id=job_id, state="running")


async def count(job_id: UUID, database: Database) -> tuple[list[Count], list[Problem]]:
    """The job's items by change and state, and the first that could not be read."""
    async with database.connection() as connection:
        counts = await imports_repository.counts(connection, job_id, WINDOW)
        return counts, await imports_repository.problems(connection, job_id)


async def find_scan(connection: Connection, job_id: UUID, kind: str) -> Job:
    """The job; raises NotFound if there is none of this kind."""
    job = await jobs.find(connection, job_id)
    if job.kind != kind:
        raise NotFound(kind, job_id)
    return job


def told(item: Found) -> dict[str, Any]:
    """An item as the API tells it."""
    told = {**vars(item), "file_id": item.file_id and str(item.file_id)}
    del told["path_raw"]
    return told


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, or has a zero byte
        return False


def _without_zeros(path: str) -> str:
    if "\0" in path:
        raise Invalid("A path has no zero bytes in it; check the path.")
    return path
