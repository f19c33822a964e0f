"""Routes of the log: events listed, shown, and sent again to one consumer."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime

from services.search.audit.notes import Noting
from services.search.http import cursors
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.replay import log, replaying
from services.search.replay.choice import Choice, Place
from services.search.replay.consumers import takers
from services.search.replay.schemas import EventDetail, Log, Order, Replay, ReplayAsk
from services.search.replay.whereabouts import standing
from services.search.resources import Provided
from shared.database import Connection
from shared.errors import Invalid

router = APIRouter(prefix="/api/events", tags=["events"])

POSITION = 8
"""Bytes of a position in a cursor."""


def chosen_events(
    subject: Annotated[list[str] | None, Query(description="Subjects of the catalogue, as proxy.ready.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Told at this time or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Told before this time.")] = None,
    file_id: Annotated[UUID | None, Query(description="About this file.")] = None,
    job_id: Annotated[UUID | None, Query(description="About this job, or about its files and for it.")] = None,
    first_sequence: Annotated[Place | None, Query(description="At this place of the stream, or after it.")] = None,
    last_sequence: Annotated[Place | None, Query(description="At this place of the stream, or before it.")] = None,
) -> Choice:
    """Which events are meant."""
    return Choice(
        subject=tuple(subject) if subject else None,
        since=since,
        until=until,
        file_id=file_id,
        job_id=job_id,
        first_sequence=first_sequence,
        last_sequence=last_sequence,
    )


@router.get("/log", response_model=Log)
async def list_events(
    resources: Provided,
    choice: Annotated[Choice, Depends(chosen_events)],
    order: Order = "newest",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> Response:
    """Events as the log has them: what was told, about what, when, and where it is in the stream."""
    after = read_position(cursor) if cursor else None
    async with resources.platform.database.connection() as connection:
        page = await log.page(connection, choice, after=after, newest=order == "newest", limit=limit)
    following = write_position(page.last) if page.more and page.last is not None else None
    body = f'{{"events":{page.events},"next_cursor":{json.dumps(following)}}}'
    return Response(body, media_type="application/json")


@router.get("/log/{event_id}", response_model=EventDetail)
async def get_event(resources: Provided, event_id: UUID) -> JSONResponse:
    """One event: who takes it, what has become of it there, and how its file is now."""
    async with resources.platform.database.connection() as connection:
        return JSONResponse(await detail(connection, event_id))


@router.post("/replay", response_model=Replay)
async def replay_events(resources: Provided, asking: Asking, notes: Noting, ask: ReplayAsk, key: Key = None) -> JSONResponse:
    """Send events to one consumer again: tells what that would do, and does it only with `apply`.

    For a consumer of a stage its work is done again, as by a forced batch; for one of jobs, what failed goes on.
    """
    if ask.apply:
        name, choice = ask.consumer, ask.choice()
        told = await replaying.carried_out(
            resources, name, choice, id_named(asking, "replay", key), asked_by=asking.name, limit=ask.limit
        )
        notes.add(acts=told["acts"])
        notes.add_job(told)
        return JSONResponse(told)
    async with resources.platform.database.connection() as connection:
        plan = await replaying.planned(connection, ask.consumer, ask.choice())
        about = await replaying.foreseen(connection, resources, plan, asking.name)
    return JSONResponse({**replaying.told_of(plan, ask.limit), **about})


async def detail(connection: Connection, event_id: UUID) -> dict[str, Any]:
    """An event and where it stands, as the API tells it; raises NotFound."""
    event = await log.find(connection, event_id)
    stages = await log.stages_of(connection, UUID(event["key"]))
    applied = await log.applied(connection, event_id)
    letters = {letter["consumer"]: letter["id"] for letter in await log.letters(connection, event_id)}
    by_name = {row["stage"]: row for row in stages}
    takes = [
        {
            "consumer": consumer.durable,
            "service": consumer.service,
            "stage": consumer.stage,
            "applied_at": told_time(applied.get(consumer.service)),
            "dead_letter": letters.get(consumer.durable),
            "sentence": standing(
                consumer,
                event,
                applied_at=applied.get(consumer.service),
                letter=letters.get(consumer.durable),
                stages=by_name,
            ),
        }
        for consumer in takers(event["address"])
    ]
    return {**event, "consumers": takes, "file": told_file(stages), "dead_letters": sorted(letters.values())}


def told_file(stages: list[dict[str, Any]]) -> dict[str, Any] | None:
    """A file as it is now; None if there is none."""
    if not stages:
        return None
    told = [
        {
            **{name: row[name] for name in ("stage", "state", "reason")},
            "run_id": row["run_id"] and str(row["run_id"]),
            "settled_at": told_time(row["settled_at"]),
        }
        for row in stages
    ]
    return {"id": str(stages[0]["id"]), "path": stages[0]["path"], "revision": stages[0]["present"], "stages": told}


def told_time(moment: Any) -> str | None:
    """A time as the API tells it."""
    return moment and str(moment.isoformat())


def write_position(position: int) -> str:
    """The cursor of a list in the order in which things came about."""
    return cursors.write_place(position.to_bytes(POSITION, "big"))


def read_position(cursor: str) -> int:
    """Where a page of such a list ended; raises Invalid."""
    place = cursors.read_place(cursor)
    if len(place) != POSITION:
        raise Invalid(cursors.FOREIGN)
    return min(int.from_bytes(place, "big"), (1 << 63) - 1)
