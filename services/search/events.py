"""GET /api/events: facts as they happen, as Server-Sent Events."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from services.search import library
from services.search.feed import Fact, Feed, following
from services.search.resources import Provided, Resources
from shared.contracts import EVENTS, FileEvent

NOT_KEPT = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Neither browsers nor proxies may hold events back."""

router = APIRouter(tags=["events"])


class EventStream(StreamingResponse):
    """Server-Sent Events. FastAPI's own response ends in an error each time a client goes away while it is written to."""

    media_type = "text/event-stream"


async def feed_of(
    resources: Provided,
    file_id: Annotated[UUID | None, Query(description="Only facts about this file.")] = None,
    after: Annotated[int | None, Query(ge=0, description="Like Last-Event-ID, for clients that cannot send it.")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, description="Go on after the event with this id.")] = None,
) -> AsyncIterator[Feed]:
    """The client's feed, removed when it is gone. A generator's own end would come too late: it waits for the collector."""
    place = after if last_event_id is None else last_event_id
    async with following(resources.nats.jetstream(), subjects(file_id), place) as feed:
        yield feed


@router.get("/api/events", response_class=EventStream)
async def follow_events(
    resources: Provided,
    feed: Annotated[Feed, Depends(feed_of)],
    job_id: Annotated[UUID | None, Query(description="Only facts about this job and its files.")] = None,
) -> EventStream:
    """Facts from now on, or after the one named; a comment at least every 15 seconds shows that the connection lives."""
    return EventStream(written(feed, job_id, resources), headers=NOT_KEPT)


async def written(feed: Feed, job_id: UUID | None, resources: Resources) -> AsyncIterator[bytes]:
    """What goes over the wire."""
    async for batch in feed.batches():
        facts = await about(job_id, batch, resources) if job_id and batch else batch
        yield b"".join(map(told, facts)) or KEEPALIVE_COMMENT


def subjects(file_id: UUID | None) -> list[str]:
    """What to filter the stream by."""
    if file_id is None:
        return [event.filter() for event in EVENTS]
    return [f"{event.filter().removesuffix('*')}{file_id}" for event in EVENTS if issubclass(event, FileEvent)]


async def about(job_id: UUID, facts: Sequence[Fact], resources: Resources) -> list[Fact]:
    """Those facts that are about the job or one of its files."""
    async with resources.platform.database.connection() as connection:
        files = [UUID(fact.data["file_id"]) for fact in facts if "file_id" in fact.data]
        ours = {str(known) for known in (job_id, *await library.files_of_job(connection, job_id, files))}
    return [fact for fact in facts if ours & names_of(fact)]


def names_of(fact: Fact) -> set[str | None]:
    """What a fact is about: the job that it names, or the run in which a file was worked on again, or else the file."""
    data = fact.data
    return {data.get("job_id") or data.get("run_id") or data.get("file_id")}


def told(fact: Fact) -> bytes:
    """A fact on the wire."""
    data = {
        "type": fact.headers.get("ce-type"),
        "time": fact.headers.get("ce-time"),
        "file_id": fact.data.get("file_id"),
        "job_id": fact.data.get("job_id"),
        "data": fact.data,
    }
    return format_sse_event(id=str(fact.sequence), event=fact.subject, data_str=json.dumps(data))
