"""Routes of rebuilds: the tables that searches read, made anew from the record while searches go on."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches.schemas import JobState
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.rebuilds import repository
from services.search.rebuilds.schemas import RebuildAsk, RebuildStatus
from services.search.resources import Provided
from services.search.schemas import JobAccepted
from shared.contracts import RebuildCancelled, RebuildRequested
from shared.database import Database
from shared.jobs import Job

router = APIRouter(prefix="/api/events/rebuild", tags=["events"])


@router.post("", status_code=202)
async def begin_rebuild(resources: Provided, asking: Asking, notes: Noting, ask: RebuildAsk, key: Key = None) -> JobAccepted:
    """Have what searches read made anew beside the old, and put in its place; one at a time."""
    async with resources.platform.effects.begin() as effect:
        named = id_named(asking, repository.KIND, key)
        job_id, is_new = await repository.begin(effect.connection, ask.model_dump(), asking.name, named)
        if is_new:
            await effect.emit(RebuildRequested(job_id=job_id))
    notes.add(job_id=job_id)
    return JobAccepted(job_id=job_id)


@router.get("/{job_id}", response_model=RebuildStatus)
async def get_rebuild(resources: Provided, job_id: UUID) -> JSONResponse:
    """How far a rebuild is; of a dry run, what would change."""
    return JSONResponse(await resources.looks.at(("rebuild", job_id), partial(look_at, job_id, resources.platform.database)))


@router.post("/{job_id}/cancel", status_code=202)
async def cancel_rebuild(resources: Provided, job_id: UUID) -> JobState:
    """Call a rebuild off; searches read what they have read all the while."""
    async with resources.platform.effects.begin() as effect:
        await repository.cancel(effect.connection, job_id)
        await effect.emit(RebuildCancelled(job_id=job_id))
    return JobState(job_id=job_id, state="cancelled")


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the rebuild is now; raises NotFound."""
    async with database.connection() as connection:
        return told(await repository.find(connection, job_id))


def told(job: Job) -> dict[str, Any]:
    """A rebuild as the API tells it."""
    progress = job.progress
    times = {name: getattr(job, name) for name in ("created_at", "started_at", "finished_at")}
    runs = job.finished_at is None
    return {
        "job_id": str(job.id),
        "model": job.request["model"],
        "dry_run": job.request["dry_run"],
        "asked_by": job.asked_by,
        "state": job.state,
        "phase": progress.get("phase"),
        "files": progress.get("files", 0),
        "files_done": progress.get("built", 0),
        "vectors": {
            "copied": progress.get("copied", 0),
            "from_ledger": progress.get("kept", 0),
            "made": progress.get("made", 0),
            "lacking": progress.get("lacking", 0),
            "usd": progress.get("usd", 0.0),
        },
        "index": progress.get("index") if runs else None,
        "eta_seconds": progress.get("eta_seconds") if runs else None,
        "heard_at": progress.get("heard_at"),
        "report": progress.get("report"),
        "error": job.error,
        **{name: time and time.isoformat() for name, time in times.items()},
        "finished": not runs,
    }
