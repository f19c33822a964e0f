"""Routes of the accord of object store and library: what differs, and the mending of it."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches.schemas import BatchItems, JobState
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.jobs.items import page_of
from services.search.reconcile import repository
from services.search.reconcile.schemas import Change, ReconcileApproval, ReconcileAsk, ReconcileStatus
from services.search.resources import Provided
from services.search.schemas import JobAccepted
from shared import jobs
from shared.contracts import ReconcileApproved, ReconcileRequested, StageState
from shared.database import Database

router = APIRouter(prefix="/api/proxies/reconcile", tags=["proxies"])


@router.post("", status_code=202)
async def begin_reconciliation(
    resources: Provided, asking: Asking, notes: Noting, ask: ReconcileAsk, key: Key = None
) -> JobAccepted:
    """Have object store and library compared; nothing is changed unless `apply` says so."""
    async with resources.platform.effects.begin() as effect:
        named, request = id_named(asking, repository.KIND, key), {"apply": ask.apply}
        job_id, is_new = await jobs.begin(effect.connection, repository.KIND, request, asked_by=asking.name, job_id=named)
        if is_new:
            await effect.emit(ReconcileRequested(job_id=job_id))
    notes.add(job_id=job_id)
    return JobAccepted(job_id=job_id)


@router.get("/{job_id}", response_model=ReconcileStatus)
async def get_reconciliation(resources: Provided, job_id: UUID) -> JSONResponse:
    """How far a reconciliation is, and what it found."""
    look = partial(look_at, job_id, resources.platform.database)
    return JSONResponse(await resources.looks.at(("reconcile", job_id), look))


@router.get("/{job_id}/items", response_model=BatchItems)
async def list_findings(
    resources: Provided,
    job_id: UUID,
    change: Change | None = None,
    state: StageState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=12_000, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """Every difference that was found, and what became of it."""
    async with resources.platform.database.connection() as connection:
        await repository.find(connection, job_id)
        return JSONResponse(await page_of(connection, job_id, cursor=cursor, limit=limit, state=state, change=change))


@router.post("/{job_id}/apply", status_code=202)
async def apply_reconciliation(resources: Provided, job_id: UUID, approval: ReconcileApproval) -> JobState:
    """Mend what was found: objects that nobody uses are removed, renditions that are missing or differ are made anew."""
    async with resources.platform.effects.begin() as effect:
        await repository.find(effect.connection, job_id)
        await repository.approve(effect.connection, job_id, approval.kinds or tuple(Change))
        await effect.emit(ReconcileApproved(job_id=job_id))
    return JobState(job_id=job_id, state="running")


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the reconciliation is now; raises NotFound."""
    async with database.connection() as connection:
        job = await repository.find(connection, job_id)
        found = await repository.found(connection, job_id)
        batch = await repository.mending(connection, job)
    times = {name: getattr(job, name) for name in ("created_at", "started_at", "finished_at")}
    return {
        "job_id": str(job.id),
        "asked_by": job.asked_by,
        "state": job.state,
        "apply": bool(job.request.get("apply")),
        "compared": job.progress or None,
        "found": found,
        "mending_job_id": batch and str(batch),
        "error": job.error,
        **{name: time and time.isoformat() for name, time in times.items()},
        "finished": job.finished_at is not None,
    }
