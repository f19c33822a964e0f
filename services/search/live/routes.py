"""GET /api/events: facts as they happen, as Server-Sent Events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator
from starlette.types import Message, Send

from services.search.identity.asking import Asking
from services.search.identity.callers import Caller
from services.search.identity.known import Known
from services.search.identity.roles import Scope
from services.search.live.facts import SUBJECTS, Wanted, scope_of
from services.search.live.listening import Listener
from services.search.live.places import WRITTEN, read
from services.search.metrics import LISTENERS_DROPPED
from services.search.resources import Provided
from shared.errors import Forbidden, SpillwayError

NOT_KEPT = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""Neither browsers nor proxies may hold events back."""
PATIENCE = 30.0
"""Seconds that one write may take: who has not read for so long is gone, or costs what others need."""

log = structlog.get_logger()
router = APIRouter(tags=["events"])


def known(subject: str) -> str:
    """The subject; raises ValueError if no event has it."""
    if subject not in SUBJECTS:
        raise ValueError(f"no event is called {subject!r}; there are {', '.join(SUBJECTS)}")
    return subject


Subject = Annotated[str, AfterValidator(known)]


class EventStream(StreamingResponse):
    """Server-Sent Events, for those who read. FastAPI's own response ends in an error each time a client goes away."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        """Write what there is, until it ends or nobody has read for a while."""
        try:
            await super().stream_response(partial(patiently, send))
        except TimeoutError:
            LISTENERS_DROPPED.inc()
            log.info("a listener was sent away, since it did not read", patience=PATIENCE)


async def patiently(send: Send, message: Message) -> None:
    """Pass a message on; raises TimeoutError if nobody takes it."""
    async with asyncio.timeout(PATIENCE):
        await send(message)


async def may_listen(known: Known, asking: Caller) -> bool:
    """Whether the caller may still read; while Postgres is away he stays, as nobody can say that he may not."""
    try:
        now = await known.again(asking)
    except SpillwayError:
        return True
    return now is not None and now.may(Scope.READ)


def wanted_by(asking: Caller, file_id: UUID | None, job_id: UUID | None, subjects: frozenset[str]) -> Wanted:
    """What the caller is to be told; raises Forbidden for a subject that he may not see."""
    for subject in sorted(subjects):
        if not asking.may(scope := scope_of(subject)):
            raise Forbidden(f"You may not be told of {subject}: that takes the scope {scope}.")
    return Wanted(file_id, job_id, subjects, frozenset(scope for scope in Scope if asking.may(scope)))


async def listener_of(
    resources: Provided,
    asking: Asking,
    file_id: Annotated[UUID | None, Query(description="Only facts about this file.")] = None,
    job_id: Annotated[
        UUID | None, Query(description="Only facts about this job and its files, and how far it is (`job.progress`).")
    ] = None,
    subject: Annotated[
        list[Subject] | None, Query(max_length=len(SUBJECTS), description="Only facts called so; may be given several times.")
    ] = None,
) -> AsyncIterator[Listener]:
    """The listener, who leaves with the client. A generator's own end would come too late: it waits for the collector."""
    wanted = wanted_by(asking, file_id, job_id, frozenset(subject or ()))
    hub = resources.hub
    async with AsyncExitStack() as stack:
        wake = await stack.enter_async_context(hub.joined())
        watch = await stack.enter_async_context(hub.jobs.watching(job_id, wake)) if job_id and wanted.progress else None
        yield Listener(hub, wanted, wake, partial(may_listen, resources.known, asking), watch)


@router.get("/api/events", response_class=EventStream)
async def follow_events(
    listener: Annotated[Listener, Depends(listener_of)],
    after: Annotated[
        str | None, Query(pattern=WRITTEN, description="Like Last-Event-ID, for clients that cannot send it.")
    ] = None,
    last_event_id: Annotated[str | None, Header(pattern=WRITTEN, description="Go on after the event with this id.")] = None,
) -> EventStream:
    """Facts from now on, or after the one named; a comment at least every 15 seconds shows that the connection lives."""
    place = last_event_id or after
    return EventStream(listener.told(read(place) if place else None), headers=NOT_KEPT)
