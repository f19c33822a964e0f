"""How far an analysis that was asked for is, looked up and put together as the API tells it."""

from typing import Any
from uuid import UUID

from services.search.nova import runs
from services.search.nova.runs import Counts, Moving, Spent
from services.search.nova.standing import Standing, current_chunk, percent, word
from shared import jobs
from shared.contracts import Stage
from shared.database import Connection, Database
from shared.errors import NotFound
from shared.jobs import Job

NOT_LISTED = "The files are still being listed."
NO_TURN = "Other work comes first, or no worker runs."


async def find_analysis(connection: Connection, job_id: UUID) -> Job:
    """The job; raises NotFound unless it is about analyses."""
    job = await jobs.find(connection, job_id)
    if job.kind != Stage.ANALYSE:
        raise NotFound("analysis", job_id)
    return job


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the analysis is now; raises NotFound."""
    async with database.connection() as connection:
        job = await find_analysis(connection, job_id)
        counts, moving = await runs.counts(connection, job_id), await runs.moving(connection, job_id)
        standing = standing_of(job, counts, moving, await runs.working(connection, job_id))
        spent = await runs.spent(connection, job_id)
        [file] = await runs.files(connection, job_id, limit=1) if counts.total == 1 else [None]
    return {
        "nova_job_id": str(job_id),
        "status": word(standing),
        "progress_percent": percent(standing),
        **_chunks(file),
        "batch_status": None,
        "waiting_for": _waiting_for(job, standing, moving),
        "error": _error(job, file),
        "file_id": file and str(file["file_id"]),
        "files": vars(counts),
        "model": job.progress.get("model") or (file and file["model"]),
        **_times(job, moving),
        "cost": told_cost(spent),
        "estimate": job.progress.get("cost"),
        "finished": job.finished_at is not None,
    }


def standing_of(job: Job, counts: Counts, moving: Moving, working: int) -> Standing:
    """What is known of a job, for a word and a number."""
    return Standing(
        job=job.state,
        total=counts.total,
        done=counts.done,
        skipped=counts.skipped,
        failed=counts.failed,
        running=moving.running,
        waiting=moving.waiting,
        working=working,
        parts=moving.parts,
    )


def told_cost(spent: Spent) -> dict[str, Any]:
    """What was paid by now."""
    return {**vars(spent), "usd": float(spent.usd), "usd_reserved": float(spent.usd_reserved)}


def _chunks(file: dict[str, Any] | None) -> dict[str, int | None]:
    if file is None:
        return {"current_chunk": None, "total_chunks": None}
    return {"current_chunk": current_chunk(file["chunks_done"], file["chunks"]), "total_chunks": file["chunks"]}


def _waiting_for(job: Job, standing: Standing, moving: Moving) -> str | None:
    if job.finished_at is not None:
        return None
    if job.listed_at is None:
        return NOT_LISTED
    match word(standing):
        case "waiting":
            return moving.reason
        case "pending":
            return NO_TURN
        case _:
            return None


def _error(job: Job, file: dict[str, Any] | None) -> str | None:
    if job.error or file is None:
        return job.error
    reason: str | None = file["reason"]
    return reason


def _times(job: Job, moving: Moving) -> dict[str, str | None]:
    began = moving.began or job.started_at
    times = {"created_at": job.created_at, "started_at": began, "finished_at": job.finished_at}
    return {name: time.isoformat() if time else None for name, time in times.items()}
