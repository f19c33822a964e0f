"""Routes of tags: words that people put on files. Removing a tag removes no file."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.search.files.members import Hold, MembersAsk, MembersChanged, naming
from services.search.http import cursors
from services.search.http.conditions import require, version
from services.search.http.versions import IfMatch
from services.search.identity.asking import Asking
from services.search.moments.queries import fit
from services.search.resources import Provided
from services.search.tags import repository
from services.search.tags.schemas import MergeAsk, Tag, TagAsk, Tags, TagsOfFile
from shared.database import Connection
from shared.errors import Conflict, Invalid
from shared.labels import LONGEST, label

LONGEST_CURSOR = 8 * LONGEST
"""Characters: a name of four bytes a character, three of which take four characters, and then some."""

router = APIRouter(prefix="/api/tags", tags=["tags"])
of_files = APIRouter(prefix="/api/files", tags=["tags"])


@router.get("")
async def list_tags(
    resources: Provided,
    q: Annotated[str, Query(max_length=LONGEST, description="Part of the name.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    cursor: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next_cursor` of the page before.")] = None,
) -> Tags:
    """Tags by name, and how many files have each."""
    after = cursors.read_text(cursor) if cursor else ""
    async with resources.platform.database.connection() as connection:
        found = await repository.page(connection, q and fit(q), after, limit + 1)
    following = cursors.write_text(found[limit - 1].key) if len(found) > limit else None
    return Tags(tags=[told(tag) for tag in found[:limit]], next_cursor=following)


@router.post("", status_code=201)
async def create_tag(resources: Provided, asking: Asking, ask: TagAsk) -> Tag:
    """Make a tag, which no file has yet."""
    name = label(ask.name)
    async with resources.platform.database.transaction() as connection:
        await naming(connection, "tags")
        if known := await repository.named(connection, name):
            raise Conflict(f"There is a tag “{known.name}” already; use it.")
        tag_id = await repository.add(connection, name, asking.name)
        return told(await repository.find(connection, tag_id))


@router.patch("/{tag_id}")
async def rename_tag(resources: Provided, tag_id: UUID, ask: TagAsk, if_match: IfMatch = None) -> Tag:
    """Rename a tag on all of its files."""
    name = label(ask.name)
    async with resources.platform.database.transaction() as connection:
        await _held(connection, tag_id, if_match)
        known = await repository.named(connection, name)
        if known and known.id != tag_id:
            raise Conflict(
                f"There is a tag “{known.name}” already. To make one of the two, merge them: "
                f'POST /api/tags/{tag_id}/merge with {{"into": "{known.id}"}}, or `./spillway tag merge`.'
            )
        await repository.rename(connection, tag_id, name)
        return told(await repository.find(connection, tag_id))


@router.post("/{tag_id}/merge")
async def merge_tag(resources: Provided, tag_id: UUID, ask: MergeAsk, if_match: IfMatch = None) -> Tag:
    """Give the files of a tag another one in its place, and forget it; the other one is told."""
    if tag_id == ask.into:
        raise Invalid("A tag cannot be merged into itself; name another one.")
    async with resources.platform.database.transaction() as connection:
        await _held(connection, tag_id, if_match)
        await repository.find(connection, ask.into)
        await repository.merge(connection, tag_id, ask.into)
        return told(await repository.find(connection, ask.into))


@router.delete("/{tag_id}", status_code=204)
async def remove_tag(resources: Provided, tag_id: UUID, if_match: IfMatch = None) -> Response:
    """Take a tag from all files, and forget it; the files stay."""
    async with resources.platform.database.transaction() as connection:
        await _held(connection, tag_id, if_match)
        await repository.remove(connection, tag_id)
    return Response(status_code=204)


@router.post("/{tag_id}/files")
async def tag_files(resources: Provided, asking: Asking, tag_id: UUID, ask: MembersAsk) -> MembersChanged:
    """Put a tag on many files, or take it from many, at once."""
    async with resources.platform.database.transaction() as connection:
        await repository.find(connection, tag_id, Hold.STAYS)
        return await repository.FILES.change(connection, tag_id, ask, asking.name)


@of_files.put("/{file_id}/tags/{tag_id}")
async def tag_file(resources: Provided, asking: Asking, file_id: UUID, tag_id: UUID) -> TagsOfFile:
    """Put a tag on a file; nothing changes if it has it."""
    async with resources.platform.database.transaction() as connection:
        await repository.find(connection, tag_id, Hold.STAYS)
        await repository.of_file(connection, file_id)
        await repository.FILES.add(connection, tag_id, [file_id], asking.name)
        return TagsOfFile(file_id=file_id, tags=await repository.of_file(connection, file_id))


@of_files.delete("/{file_id}/tags/{tag_id}")
async def untag_file(resources: Provided, file_id: UUID, tag_id: UUID) -> TagsOfFile:
    """Take a tag from a file; nothing changes if it has it not."""
    async with resources.platform.database.transaction() as connection:
        await repository.find(connection, tag_id)
        await repository.of_file(connection, file_id)
        await repository.FILES.remove(connection, tag_id, [file_id])
        return TagsOfFile(file_id=file_id, tags=await repository.of_file(connection, file_id))


async def _held(connection: Connection, tag_id: UUID, if_match: str | None) -> repository.Tag:
    """The tag as the client has seen it, which nobody else changes meanwhile; raises NotFound and Changed."""
    await naming(connection, "tags")
    tag = await repository.find(connection, tag_id, Hold.ALONE)
    require(if_match, version_of(tag), "tag")
    return tag


def told(tag: repository.Tag) -> Tag:
    """A tag as the API tells it."""
    names = (name for name in Tag.model_fields if name != "version")
    return Tag(**{name: getattr(tag, name) for name in names}, version=version_of(tag))


def version_of(tag: repository.Tag) -> str:
    """The version of what people have set."""
    return version({"name": tag.name})
