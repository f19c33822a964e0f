"""How far a job is, how fast it goes, and how long it will take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts import Stage
from shared.jobs import Job

WINDOW = 30.0
"""Seconds that a rate looks back: long enough to be steady, short enough to notice what changes."""


@dataclass(frozen=True)
class StageCounts:
    """Files of a job in one stage; `recent` were settled within the window asked for."""

    stage: Stage
    pending: int
    done: int
    skipped: int
    failed: int
    recent: int


def describe(job: Job, items: Mapping[str, int], stages: Sequence[StageCounts], now: datetime) -> dict[str, Any]:
    """The job as the API tells it; `finished` is true once nothing of it is still to come."""
    counted = {counts.stage: counts for counts in stages}
    seconds = min(WINDOW, (now - (job.started_at or now)).total_seconds())
    told = {stage: pace(counted.get(stage) or StageCounts(stage, 0, 0, 0, 0, 0), seconds) for stage in Stage}
    return {
        "job_id": str(job.id),
        "kind": job.kind,
        "asked_by": job.asked_by,
        "state": job.state,
        "path": job.request.get("path"),
        "items": dict(items),
        "stages": told,
        "finished": job.finished_at is not None and not any(counts.pending for counts in stages),
        "error": job.error,
        "created_at": _written(job.created_at),
        "started_at": _written(job.started_at),
        "finished_at": _written(job.finished_at),
    }


def pace(counts: StageCounts, seconds: float) -> dict[str, float | int | None]:
    """One stage: files by state, files a second over the last `seconds`, and the seconds that are left at that rate."""
    rate = counts.recent / max(1.0, seconds)
    left = counts.pending / rate if rate else None
    return {
        "pending": counts.pending,
        "done": counts.done,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "rate": round(rate, 3),
        "eta_seconds": 0.0 if not counts.pending else None if left is None else round(left, 1),
    }


def _written(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
