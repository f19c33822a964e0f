"""What the ingest service does with a batch: lists its files, and hands them out to the stage that it is about."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from services.ingest.batches import repository as turns_repository
from services.ingest.batches.turns import Ask, Item, Settle, decide
from shared import batches, jobs, outbox, stages, topology
from shared.batch_requests import BatchRequest
from shared.contracts import BatchFailed, BatchRequested, Stage, StageRequested
from shared.database import Connection
from shared.effects import Effect
from shared.errors import AlreadyApplied
from shared.jobs import Job
from shared.service import Platform

PAGE = 1000
"""Files handed out in one transaction: memory stays flat, and whoever calls the batch off waits for one page at most."""


async def on_batch_requested(event: BatchRequested, platform: Platform) -> None:
    """Hand out every file of a batch; a second delivery goes on with what the first has left."""
    job = await begin(event, platform)
    request, stage = BatchRequest.model_validate(job.request), Stage(job.kind)
    if job.listed_at is None:
        async with turn(event, platform) as effect:
            await turns_repository.list_items(effect.connection, job.id, stage, request)
    after: bytes | None = b""
    while after is not None:
        async with turn(event, platform) as effect:
            after = await hand_out(effect, job.id, stage, request, after)
    async with platform.effects.once(event) as effect:
        await batches.complete(effect.connection, job.id)


async def on_buried(connection: Connection, event: BatchRequested, reason: str) -> None:
    """Say that a batch was given up, unless it has ended; what was handed out goes on."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await turns_repository.give_up(connection, event.job_id, reason)
        await outbox.enqueue(connection, BatchFailed(job_id=event.job_id, reason=reason), source=topology.BATCH.durable)


async def begin(event: BatchRequested, platform: Platform) -> Job:
    """The job, noted as running; raises AlreadyApplied if it is done or cancelled, NotFound if there is none."""
    async with platform.database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
        if job.state in {"done", "cancelled"}:
            raise AlreadyApplied(event.id)
        await jobs.start(connection, job.id)
    return job


@asynccontextmanager
async def turn(event: BatchRequested, platform: Platform) -> AsyncIterator[Effect]:
    """A transaction in which nobody else hands out the batch or calls it off; raises AlreadyApplied if that was done."""
    async with platform.effects.begin() as effect:
        await batches.take_turn(effect.connection, event.job_id)
        if (await jobs.find(effect.connection, event.job_id)).state != "running":
            raise AlreadyApplied(event.id)
        yield effect


async def hand_out(effect: Effect, job_id: UUID, stage: Stage, request: BatchRequest, after: bytes) -> bytes | None:
    """Hand out the next page of items; answers with where it ended, None if there were no more."""
    items = await turns_repository.pending_items(effect.connection, job_id, after, PAGE)
    if not items:
        return None
    verdicts = await judged(effect.connection, items, job_id, stage, force=request.force)
    if settled := [verdict for verdict in verdicts if isinstance(verdict, Settle)]:
        await turns_repository.settle_items(effect.connection, job_id, settled)
    if asked := [verdict for verdict in verdicts if isinstance(verdict, Ask)]:
        events = [asking(verdict, stage, job_id, request) for verdict in asked]
        await stages.reopen(effect.connection, stage, [event.file_id for event in events], job_id)
        await effect.emit(*events)
    return items[-1].path_raw


async def judged(
    connection: Connection, items: Sequence[Item], job_id: UUID, stage: Stage, *, force: bool
) -> list[Ask | Settle | None]:
    """What becomes of each item."""
    known = await turns_repository.standings(connection, stage, [item.file_id for item in items if item.file_id])
    return [decide(item, known.get(item.file_id) if item.file_id else None, job_id, force=force) for item in items]


def asking(verdict: Ask, stage: Stage, job_id: UUID, request: BatchRequest) -> StageRequested:
    """The event that asks for a stage of a file."""
    assert verdict.item.file_id is not None
    return topology.REQUESTS[stage](
        file_id=verdict.item.file_id,
        revision=verdict.revision,
        kind=verdict.item.kind,
        run_id=job_id,
        priority=request.priority,
        options=request.options,
    )
