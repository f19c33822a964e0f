"""How far a batch is, looked up and put together as the API tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.search.batches import repository
from services.search.batches.actions import action_of
from services.search.batches.changes import find_batch
from services.search.batches.progress import (
    NOT_LISTED,
    WINDOW,
    Counts,
    Estimate,
    Measured,
    estimate,
    measured_in,
    recently,
    unmoved,
)
from services.search.batches.repository import Current, Reason
from shared.batch_requests import BatchRequest
from shared.clock import utc_now
from shared.contracts import Kind, Stage, StageState
from shared.database import Connection, Database
from shared.jobs import Job

STATES = tuple(map(str, StageState))


@dataclass(frozen=True)
class Look:
    """All that is known of a batch at a time; `measured` is what was worked off since `since`."""

    job: Job
    counts: Sequence[Counts]
    measured: Mapping[Kind, Measured]
    since: datetime
    current: Sequence[Current]
    reasons: Sequence[Reason]
    now: datetime


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the batch is now; raises NotFound."""
    now = utc_now()
    async with database.connection() as connection:
        job = await find_batch(connection, job_id)
        counts = await repository.counts(connection, job_id, now - WINDOW)
        current = await repository.current(connection, job_id)
        since, measured = await _measure(connection, job, counts, current, now)
        reasons = await repository.reasons(connection, job_id)
    return status(Look(job, counts, measured, since, current, reasons, now))


async def _measure(
    connection: Connection, job: Job, counts: Sequence[Counts], current: Sequence[Current], now: datetime
) -> tuple[datetime, dict[Kind, Measured]]:
    """What was worked off lately; since the beginning of the job, if lately a kind that is left had no turn."""
    began, work = job.started_at or now, [one.work for one in current]
    since = recently(counts, began, now)
    measured = measured_in(await repository.settled_since(connection, job.id, since), work, since)
    if since > began and unmoved(Stage(job.kind), counts, measured):
        since = began
        measured = measured_in(await repository.settled_since(connection, job.id, since), work, since)
    return since, measured


def status(look: Look) -> dict[str, Any]:
    """The batch as the API tells it; the field names are those of `batches_schemas.BatchStatus`."""
    job, span = look.job, look.now - look.since
    left = estimate_of(look, span)
    totals = {counts.kind: _progress(counts, look.measured[counts.kind], span) for counts in look.counts}
    everything = _progress(_sum(look.counts), _sum_measured(look.measured), span)
    return {
        **summary(vars(job), {state: everything[state] for state in STATES}),
        "listed": job.listed_at is not None,
        "total_files": everything["total"],
        **{f"{kind}_count": totals[kind]["total"] if kind in totals else 0 for kind in Kind},
        "totals": everything,
        "kinds": totals,
        "eta_seconds": left.seconds,
        "eta_basis": left.basis,
        "current": [_current(one) for one in look.current],
        "errors": [_reason(reason) for reason in look.reasons if reason.state == StageState.FAILED],
        "skipped_because": [_reason(reason) for reason in look.reasons if reason.state == StageState.SKIPPED],
        "finished": job.finished_at is not None,
    }


def estimate_of(look: Look, span: timedelta) -> Estimate:
    """How long it will take; nobody can tell before the files are known."""
    if look.job.finished_at is None and look.job.listed_at is None:
        return Estimate(None, NOT_LISTED)
    return estimate(Stage(look.job.kind), look.counts, look.measured, [one.work for one in look.current], span)


def summary(row: Mapping[str, Any], items: Mapping[str, int]) -> dict[str, Any]:
    """A batch in a list, of its row in `jobs`."""
    request = BatchRequest.model_validate(row["request"])
    return {
        "job_id": str(row["id"]),
        "action": action_of(Stage(row["kind"]), request.options),
        "state": row["state"],
        "force": request.force and not request.unanswered,
        "priority": request.priority,
        "retry_of": request.retry_of and str(request.retry_of),
        "asked_by": row["asked_by"],
        "items": dict(items),
        "error": row["error"],
        **{name: row[name] and row[name].isoformat() for name in ("created_at", "started_at", "finished_at")},
    }


def _progress(counts: Counts, measured: Measured, span: timedelta) -> dict[str, Any]:
    seconds = max(1.0, span.total_seconds())
    return {
        "total": counts.pending + counts.done + counts.skipped + counts.failed,
        **{state: getattr(counts, state) for state in STATES},
        "bytes_total": counts.bytes,
        "bytes_done": counts.bytes - counts.bytes_left,
        "rates": {
            "files_per_second": round(measured.files / seconds, 3),
            "bytes_per_second": round(measured.bytes / seconds),
            "media_seconds_per_second": round(measured.seconds / seconds, 3),
        },
    }


def _sum(counts: Sequence[Counts]) -> Counts:
    names = (*STATES, "bytes", "bytes_left")
    return Counts(Kind.VIDEO, **{name: sum(getattr(of_kind, name) for of_kind in counts) for name in names})


def _sum_measured(measured: Mapping[Kind, Measured]) -> Measured:
    found = measured.values()
    return Measured(sum(one.files for one in found), sum(one.bytes for one in found), sum(one.seconds for one in found))


def _current(one: Current) -> dict[str, Any]:
    speed = one.work.speed
    return {
        "file_id": str(one.file_id),
        "path": one.path,
        "kind": one.work.kind,
        "done_seconds": round(one.work.done, 2),
        "total_seconds": one.total,
        "speed": speed and round(speed, 2),
        "started_at": one.work.started_at.isoformat(),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"reason": reason.reason, "count": reason.count, "examples": reason.examples}
