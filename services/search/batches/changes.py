"""Batches begin, are called off, and are tried again: each in one short transaction."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from services.search.batches import repository
from services.search.batches.actions import KINDS
from services.search.batches.repository import Meant
from shared import batch_requests, batches, jobs, stages
from shared.batch_requests import BatchRequest
from shared.contracts import BatchCancelled, Kind, Stage
from shared.database import Connection
from shared.effects import Effects
from shared.errors import Conflict, NotFound
from shared.jobs import Job

CANCELLED = "Cancelled."
NOTHING_FAILED = "No file of this batch failed, or what failed has been done since; there is nothing to try again."


async def find_batch(connection: Connection, job_id: UUID) -> Job:
    """The job; raises NotFound unless it is a batch."""
    job = await jobs.find(connection, job_id)
    if job.kind not in KINDS:
        raise NotFound("batch", job_id)
    return job


async def begin(
    effects: Effects,
    stage: Stage,
    request: BatchRequest,
    job_id: UUID | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
    *,
    asked_by: str,
) -> dict[str, Any]:
    """A new batch, or under an id that is given the one that there is; what the request is answered with, `told` in it."""
    async with effects.begin() as effect:
        begun = await batch_requests.begin(
            effect.connection, stage, request, source=effect.service, job_id=job_id, asked_by=asked_by
        )
        return await answer(effect.connection, begun, stage, request, told)


async def failed_in(connection: Connection, job_id: UUID) -> tuple[Stage, BatchRequest]:
    """What a batch of what failed in another would be asked for."""
    job = await find_batch(connection, job_id)
    earlier = BatchRequest.model_validate(job.request)
    return Stage(job.kind), BatchRequest(retry_of=job_id, priority=earlier.priority, options=earlier.options)


async def retry(
    effects: Effects,
    stage: Stage,
    request: BatchRequest,
    told: Mapping[str, Any],
    *,
    asked_by: str,
    job_id: UUID | None = None,
) -> dict[str, Any]:
    """A batch of what failed in another, asked for by who tries again; raises Conflict if nothing did.

    Under an id that is given, it is the one that there is.
    """
    async with effects.begin() as effect:
        begun = await batch_requests.begin(
            effect.connection, stage, request, source=effect.service, job_id=job_id, asked_by=asked_by
        )
        answered = await answer(effect.connection, begun, stage, request, told)
        if not answered["total_files"]:
            raise Conflict(NOTHING_FAILED)
        return answered


async def answer(
    connection: Connection,
    job_id: UUID,
    stage: Stage,
    request: BatchRequest,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """What a request is answered with; asked again under the same id, the same as the first time."""
    job = await jobs.find(connection, job_id)
    if not job.progress:
        counts = counted(job_id, request, await repository.survey(connection, stage, request))
        answered = {**counts, **told}
        await repository.note_answer(connection, job_id, answered)
        return answered
    return job.progress


async def cancel(effects: Effects, job_id: UUID) -> None:
    """Call a batch off: what waits is as it was before, what is under way ends by itself; raises Conflict if it has ended."""
    async with effects.begin() as effect:
        await batches.take_turn(effect.connection, job_id)
        job = await find_batch(effect.connection, job_id)
        if job.state == "cancelled":
            return
        if job.finished_at is not None:
            raise Conflict("The batch has ended already; what it did stays.")
        await stages.restore(effect.connection, Stage(job.kind), job_id)
        await repository.call_off(effect.connection, job_id, CANCELLED)
        if await jobs.finish(effect.connection, job_id, "cancelled"):
            await effect.emit(BatchCancelled(job_id=job_id))


def counted(job_id: UUID, request: BatchRequest, meant: Sequence[Meant]) -> dict[str, Any]:
    """How many files a request means, by kind, and how many it leaves out."""
    wanted = {of_kind.kind: of_kind.wanted for of_kind in meant}
    known = sum(of_kind.wanted + of_kind.processed for of_kind in meant)
    return {
        "job_id": str(job_id),
        "total_files": sum(wanted.values()),
        **{f"{kind}_count": wanted.get(kind, 0) for kind in Kind},
        "under_way": sum(of_kind.under_way for of_kind in meant),
        "excluded": {
            "processed": sum(of_kind.processed for of_kind in meant),
            "unknown": len(set(request.file_ids or ())) - known if request.file_ids else 0,
        },
    }
