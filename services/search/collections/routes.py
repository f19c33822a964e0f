"""Routes of collections: named sets of files, in the order in which they were added. Removing one removes no file."""

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.search.collections import repository
from services.search.collections.schemas import Collection, CollectionChange, CollectionFiles, Collections, NewCollection
from services.search.files.members import Hold, MembersAsk, MembersChanged, naming
from services.search.http import cursors
from services.search.http.conditions import require, version
from services.search.http.versions import IfMatch
from services.search.identity.asking import Asking
from services.search.moments.queries import fit
from services.search.moments.telling import thumbnail_of
from services.search.resources import Provided
from services.search.tags.routes import LONGEST_CURSOR
from shared.database import Connection
from shared.errors import Conflict
from shared.labels import LONGEST, label

router = APIRouter(prefix="/api/collections", tags=["collections"])


@router.get("")
async def list_collections(
    resources: Provided,
    q: Annotated[str, Query(max_length=LONGEST, description="Part of the name.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")] = None,
) -> Collections:
    """Collections by name, and how many files each has."""
    after = cursors.read_text(cursor) if cursor else ""
    async with resources.platform.database.connection() as connection:
        found = await repository.page(connection, q and fit(q), after, limit + 1)
    following = cursors.write_text(found[limit - 1].key) if len(found) > limit else None
    return Collections(collections=[told(one) for one in found[:limit]], next_cursor=following)


@router.post("", status_code=201)
async def create_collection(resources: Provided, asking: Asking, ask: NewCollection) -> Collection:
    """Make a collection, which has no files yet."""
    name = label(ask.name)
    async with resources.platform.database.transaction() as connection:
        await naming(connection, "collections")
        await _refuse_taken(connection, name, None)
        collection_id = await repository.add(connection, name, ask.description, asking.name)
        return told(await repository.find(connection, collection_id))


@router.get("/{collection_id}")
async def get_collection(resources: Provided, collection_id: UUID) -> Collection:
    """A collection."""
    async with resources.platform.database.connection() as connection:
        return told(await repository.find(connection, collection_id))


@router.patch("/{collection_id}")
async def change_collection(
    resources: Provided, collection_id: UUID, change: CollectionChange, if_match: IfMatch = None
) -> Collection:
    """Rename or describe a collection."""
    async with resources.platform.database.transaction() as connection:
        before = await _held(connection, collection_id, if_match)
        name = before.name if change.name is None else label(change.name)
        description = before.description if change.description is None else change.description
        await _refuse_taken(connection, name, collection_id)
        await repository.change(connection, collection_id, name, description)
        return told(await repository.find(connection, collection_id))


@router.delete("/{collection_id}", status_code=204)
async def remove_collection(resources: Provided, collection_id: UUID, if_match: IfMatch = None) -> Response:
    """Forget a collection; its files stay."""
    async with resources.platform.database.transaction() as connection:
        await _held(connection, collection_id, if_match)
        await repository.remove(connection, collection_id)
    return Response(status_code=204)


@router.get("/{collection_id}/files", response_model=CollectionFiles)
async def list_collection_files(
    resources: Provided,
    collection_id: UUID,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> Response:
    """The files of a collection, in the order in which they were added."""
    after = cursors.read_number(cursor) if cursor else 0
    async with resources.platform.database.connection() as connection:
        collection = await repository.find(connection, collection_id)
        page = await repository.files(connection, collection_id, after, limit)
    following = cursors.write_number(page.last) if page.more and page.last is not None else None
    body = f'{{"files":{page.files},"next_cursor":{json.dumps(following)},"total":{collection.files}}}'
    return Response(body, media_type="application/json")


@router.post("/{collection_id}/files")
async def change_collection_files(resources: Provided, asking: Asking, collection_id: UUID, ask: MembersAsk) -> MembersChanged:
    """Add files to a collection, and remove others, at once."""
    async with resources.platform.database.transaction() as connection:
        # Held alone, so that positions are given in the order in which they are seen: no page passes over one.
        await repository.find(connection, collection_id, Hold.ALONE)
        changed = await repository.FILES.change(connection, collection_id, ask, asking.name)
        if changed.added or changed.removed:
            await repository.touch(connection, collection_id)
        return changed


async def _held(connection: Connection, collection_id: UUID, if_match: str | None) -> repository.Collection:
    """The collection as the client has seen it, which nobody else changes meanwhile; raises NotFound and Changed."""
    await naming(connection, "collections")
    collection = await repository.find(connection, collection_id, Hold.ALONE)
    require(if_match, version_of(collection), "collection")
    return collection


async def _refuse_taken(connection: Connection, name: str, collection_id: UUID | None) -> None:
    known = await repository.named(connection, name)
    if known and known.id != collection_id:
        raise Conflict(f"There is a collection “{known.name}” already; take another name, or add the files to that one.")


def told(collection: repository.Collection) -> Collection:
    """A collection as the API tells it."""
    names = (name for name in Collection.model_fields if name not in ("cover", "version"))
    cover = thumbnail_of(collection.cover_of) if collection.cover_of else None
    return Collection(**{name: getattr(collection, name) for name in names}, cover=cover, version=version_of(collection))


def version_of(collection: repository.Collection) -> str:
    """The version of what people have set, its files left aside."""
    return version({"name": collection.name, "description": collection.description})
