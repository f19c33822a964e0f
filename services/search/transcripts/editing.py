"""Routes that edit a transcript. Each edit is one transaction: segments, history, and the search told of it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from services.search.http import cursors
from services.search.identity.asking import Asking
from services.search.resources import Provided, Resources
from services.search.transcripts import changes, edits
from services.search.transcripts.changes import Change, Line, line_of
from services.search.transcripts.edits import Found, Held
from services.search.transcripts.schemas import (
    AUTHOR,
    Edited,
    History,
    Merge,
    NewSegment,
    Renamed,
    Renaming,
    SegmentChange,
    Split,
    Undo,
)
from services.search.transcripts.telling import tell_search
from shared.database import Connection
from shared.errors import Conflict, Invalid, NotFound
from shared.identifiers import new_id

router = APIRouter(prefix="/api/transcripts/{transcript_id}", tags=["transcripts"])

Ignored = Annotated[str | None, Query(max_length=100, description=AUTHOR, deprecated=True)]

Decision = tuple[Change, int] | None
"""A change and the spot that it is made at; None if there is nothing to change."""
Decide = Callable[[Connection, Held], Awaitable[Decision]]


@router.patch("/segments/{segment_id}", response_model=Edited)
async def change_segment(
    resources: Provided, asking: Asking, transcript_id: UUID, segment_id: UUID, request: SegmentChange
) -> JSONResponse:
    """Correct a segment's text, speaker or times, confirm it, or let it go again. What is edited stays locked."""
    wanted = request.model_dump(exclude_unset=True, exclude={"version", "author"})
    if missing := [name for name in wanted if wanted[name] is None and name != "speaker"]:
        raise Invalid(f"Leave out {' and '.join(missing)} instead of sending null: a segment always has one.")

    async def decide(connection: Connection, held: Held) -> Decision:
        line = (await seen(connection, held, segment_id, request.version)).line
        spot = await edits.spot_of(connection, held, [segment_id], line.start)
        place = await edits.place_of(connection, held, spot, [segment_id])
        change = changes.revised(line, wanted, place)
        return None if change is None else (change, spot)

    return await carried_out(resources, transcript_id, asking.name, decide)


@router.post("/segments", response_model=Edited)
async def insert_segment(resources: Provided, asking: Asking, transcript_id: UUID, request: NewSegment) -> JSONResponse:
    """Write down what a transcript lacks."""
    line = Line(id=new_id(), start=request.start, end=request.end, text=request.text, speaker=request.speaker)

    async def decide(connection: Connection, held: Held) -> Decision:
        spot = await edits.spot_of(connection, held, [], line.start)
        return changes.inserted(line, await edits.place_of(connection, held, spot)), spot

    return await carried_out(resources, transcript_id, asking.name, decide)


@router.delete("/segments/{segment_id}", response_model=Edited)
async def delete_segment(
    resources: Provided,
    asking: Asking,
    transcript_id: UUID,
    segment_id: UUID,
    version: Annotated[str, Query(max_length=64, description="`version` of the segment as it was seen.")],
    author: Ignored = None,
) -> JSONResponse:
    """Take a segment out, which the history keeps."""

    async def decide(connection: Connection, held: Held) -> Decision:
        line = (await seen(connection, held, segment_id, version)).line
        return changes.deleted(line), await edits.spot_of(connection, held, [segment_id], line.start)

    return await carried_out(resources, transcript_id, asking.name, decide)


@router.post("/segments/{segment_id}/split", response_model=Edited)
async def split_segment(
    resources: Provided, asking: Asking, transcript_id: UUID, segment_id: UUID, request: Split
) -> JSONResponse:
    """Part a segment in two, before a word or at a time."""

    async def decide(connection: Connection, held: Held) -> Decision:
        line = (await seen(connection, held, segment_id, request.version)).line
        change = changes.split(line, word=request.word, time=request.time, new_id=new_id())
        return change, await edits.spot_of(connection, held, [segment_id], line.start)

    return await carried_out(resources, transcript_id, asking.name, decide)


@router.post("/segments/{segment_id}/merge", response_model=Edited)
async def merge_segments(
    resources: Provided, asking: Asking, transcript_id: UUID, segment_id: UUID, request: Merge
) -> JSONResponse:
    """Join a segment with the one after it."""

    async def decide(connection: Connection, held: Held) -> Decision:
        first = (await seen(connection, held, segment_id, request.version)).line
        second = (await seen(connection, held, request.next_id, request.next_version)).line
        spot = await edits.spot_of(connection, held, [segment_id], first.start)
        place = await edits.place_of(connection, held, spot, [segment_id])
        if place.after is None or place.after.id != second.id:
            raise Conflict("The two segments do not follow each other (any more); look at the transcript again.")
        return changes.merged(first, second), spot

    return await carried_out(resources, transcript_id, asking.name, decide)


@router.post("/speakers", response_model=Renamed)
async def rename_speaker(resources: Provided, asking: Asking, transcript_id: UUID, request: Renaming) -> JSONResponse:
    """Call a speaker differently everywhere; the segments are locked, so that the name outlives new transcriptions."""
    former, name = request.from_, request.to
    edit_id = new_id()
    async with resources.platform.effects.begin() as effect:
        held = await edits.hold(effect.connection, transcript_id)
        count = 0 if former == name else await edits.rename(effect.connection, held, edit_id, former, name, asking.name)
        best = await tell_search(effect, held.file, edit_id, transcript_id if count else None)
    told = {"edit_id": str(edit_id) if count else None, "segment_count": count, "best": best == transcript_id}
    return JSONResponse(told)


@router.get("/edits", response_model=History)
async def list_edits(
    resources: Provided,
    transcript_id: UUID,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> Response:
    """What was edited, the latest first."""
    at = cursors.read(cursor) if cursor else None
    async with resources.platform.database.connection() as connection:
        told, last, total = await edits.history(connection, transcript_id, before=at.last if at else None, limit=limit)
    following = f'"{cursors.write(cursors.Cursor(last, total))}"' if last else "null"
    return Response(f'{{"edits":{told},"next_cursor":{following}}}', media_type="application/json")


@router.post("/edits/{edit_id}/undo", response_model=Edited)
async def undo_edit(resources: Provided, asking: Asking, transcript_id: UUID, edit_id: UUID, request: Undo) -> JSONResponse:
    """Make what an edit changed as it was before, if nobody changed it since. Undoing that does the edit again."""
    async with resources.platform.effects.begin() as effect:
        held = await edits.hold(effect.connection, transcript_id)
        action, before, after = await edits.edit_of(effect.connection, held, edit_id)
        if action != "speakers":
            change, spot = await taken_back(effect.connection, held, [*map(line_of, before)], [*map(line_of, after)])
            undo = new_id()
            await edits.put(effect.connection, held, spot, change)
            await edits.note(effect.connection, held, undo, change, asking.name)
            changed, removed = [line.id for line in change.after], change.removed
        else:
            undo, changed, removed = new_id(), [], []
            if not await edits.rename_back(effect.connection, held, undo, edit_id, asking.name):
                raise Conflict("Every segment of this renaming has been given another speaker since.")
        best = await tell_search(effect, held.file, undo, transcript_id)
        told = await edits.told(effect.connection, held, changed)
    return answered(undo, told, removed, best=best == transcript_id)


async def taken_back(connection: Connection, held: Held, before: list[Line], after: list[Line]) -> tuple[Change, int]:
    """The change that takes an edit back, and its spot; raises Conflict or Invalid."""
    present = [found.line for found in await edits.find(connection, held, *(line.id for line in after))]
    ids = [line.id for line in after]
    spot = await edits.spot_of(connection, held, ids, before[0].start if before else 0.0)
    return changes.undone(before, after, present, await edits.place_of(connection, held, spot, ids)), spot


async def seen(connection: Connection, held: Held, segment_id: UUID, version: str) -> Found:
    """A segment as the client saw it; raises NotFound, or Conflict if somebody changed it since."""
    found = await edits.find(connection, held, segment_id)
    if not found:
        raise NotFound("segment of this transcript", segment_id)
    if found[0].version != version:
        raise Conflict(f"Somebody changed this segment meanwhile: it says “{found[0].line.text}” now. Look at it again first.")
    return found[0]


async def carried_out(resources: Resources, transcript_id: UUID, author: str, decide: Decide) -> JSONResponse:
    """Decide upon an edit and make it, as one transaction that holds the transcript."""
    edit_id = new_id()
    async with resources.platform.effects.begin() as effect:
        held = await edits.hold(effect.connection, transcript_id)
        decision = await decide(effect.connection, held)
        if decision is None:
            return answered(None, [], [], best=held.file.best == transcript_id)
        change, spot = decision
        await edits.put(effect.connection, held, spot, change)
        await edits.note(effect.connection, held, edit_id, change, author)
        silent = change.action in {"lock", "unlock"}
        best = await tell_search(effect, held.file, edit_id, None if silent else transcript_id)
        told = await edits.told(effect.connection, held, [line.id for line in change.after])
    return answered(edit_id, told, change.removed, best=best == transcript_id)


def answered(edit_id: UUID | None, segments: list[dict[str, Any]], removed: list[UUID], *, best: bool) -> JSONResponse:
    """The answer to an edit; the field names are those of `transcripts_schemas.Edited`."""
    told = {"edit_id": edit_id and str(edit_id), "segments": segments, "removed": [*map(str, removed)], "best": best}
    return JSONResponse(told)
