"""Routes of actions on many files."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches import changes as batches_changes
from services.search.batches import repository as batches_repository
from services.search.batches.actions import KINDS, STAGES, checked, kinds_of
from services.search.batches.schemas import (
    Action,
    BatchAccepted,
    BatchAsk,
    Batches,
    BatchItems,
    BatchStatus,
    JobState,
)
from services.search.batches.status import look_at, summary
from services.search.http import cursors
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.jobs.items import page_of
from services.search.nova.gate import admitted
from services.search.resources import Provided, Resources
from shared.batch_requests import NOT_ONE, BatchRequest, priority_for
from shared.contracts import Stage, StageState
from shared.database import Connection
from shared.errors import Invalid

router = APIRouter(prefix="/api/batch", tags=["batches"])


@router.post("/{action}", status_code=202, response_model=BatchAccepted)
async def begin_batch(
    resources: Provided, asking: Asking, notes: Noting, action: Action, ask: BatchAsk, key: Key = None
) -> JSONResponse:
    """Ask for an action on many files: on those without a result, or on all by `force`."""
    stage = STAGES[action]
    job_id = id_named(asking, f"batch {stage}", key)
    async with resources.platform.database.connection() as connection:
        request, told = await priced(connection, resources, stage, request_of(action, ask), asking.name, job_id)
    effects = resources.platform.effects
    begun = await batches_changes.begin(effects, stage, request, job_id, told, asked_by=asking.name)
    notes.add_job(begun)
    return JSONResponse(begun, 202)


@router.get("", response_model=Batches)
async def list_batches(
    resources: Provided,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """Batches, the latest first."""
    at, kinds = cursors.read(cursor) if cursor else None, sorted(KINDS)
    async with resources.platform.database.connection() as connection:
        rows = await batches_repository.recent(connection, kinds, before=at and at.last, limit=limit + 1)
        total = at.total if at else await batches_repository.number(connection, kinds)
    told = [summary(row, row["items"]) for row in rows[:limit]]
    following = cursors.write(cursors.Cursor(rows[limit - 1]["id"], total)) if len(rows) > limit else None
    return JSONResponse({"batches": told, "next_cursor": following, "total": total})


@router.get("/{job_id}/status", response_model=BatchStatus)
async def get_status(resources: Provided, job_id: UUID) -> JSONResponse:
    """How far a batch is, how fast it goes, and what is being worked on."""
    look = partial(look_at, job_id, resources.platform.database)
    return JSONResponse(await resources.looks.at(("batch", job_id), look))


@router.get("/{job_id}/items", response_model=BatchItems)
async def list_items(
    resources: Provided,
    job_id: UUID,
    state: StageState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=12_000, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """The files of a batch, and what became of each."""
    async with resources.platform.database.connection() as connection:
        await batches_changes.find_batch(connection, job_id)
        return JSONResponse(await page_of(connection, job_id, cursor=cursor, limit=limit, state=state))


@router.post("/{job_id}/cancel", response_model=JobState)
async def cancel_batch(resources: Provided, job_id: UUID) -> JobState:
    """Call a batch off: what waits becomes what it was, what is under way ends within seconds, what is done stays."""
    await batches_changes.cancel(resources.platform.effects, job_id)
    return JobState(job_id=job_id, state="cancelled")


@router.post("/{job_id}/retry", status_code=202, response_model=BatchAccepted)
async def retry_batch(resources: Provided, asking: Asking, notes: Noting, job_id: UUID, key: Key = None) -> JSONResponse:
    """Try what failed in a batch again, as a new one with the same options."""
    again = id_named(asking, "retry", key)
    async with resources.platform.database.connection() as connection:
        stage, request = await batches_changes.failed_in(connection, job_id)
        request, told = await priced(connection, resources, stage, request, asking.name, again)
    begun = await batches_changes.retry(resources.platform.effects, stage, request, told, asked_by=asking.name, job_id=again)
    notes.add_job(begun)
    return JSONResponse(begun, 202)


async def priced(
    connection: Connection,
    resources: Resources,
    stage: Stage,
    request: BatchRequest,
    asked_by: str,
    job_id: UUID | None = None,
) -> tuple[BatchRequest, dict[str, Any]]:
    """The request as it may be begun, and what is told of its price; raises BudgetExceeded, or Invalid if it cannot be done."""
    if stage is not Stage.ANALYSE:
        return request, {}
    admission = await admitted(connection, resources, request, asked_by, job_id)
    return admission.request, admission.told


def request_of(action: str, ask: BatchAsk) -> BatchRequest:
    """The request as the job keeps it; raises Invalid."""
    if (ask.file_ids is None) == (ask.filter is None):
        raise Invalid(NOT_ONE)
    return BatchRequest(
        file_ids=ask.file_ids,
        filter=ask.filter,
        kinds=kinds_of(action),
        options=checked(action, ask.options),
        force=ask.force,
        priority=ask.priority or priority_for(ask.file_ids),
    )
