"""How far an import or rescan is: what was found, how fast it goes, and how long it will take."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.search.imports.repository import Count, Problem
from shared.changes import Change
from shared.jobs import Job

WINDOW = 30.0
"""Seconds that a rate looks back: long enough to be steady, short enough to notice what changes."""
FILE_COST = 256 * 1024
"""Bytes that reading takes as long as opening a file and noting what it is: small files are not free."""

LISTING = "Folders are still being listed; how many files there are is not known yet."
WAITING = "Nothing is left to do until the report is applied."
ENDED = "The job has ended."
NOT_BEGUN = "The job has not begun."
PACE_IS_OVER = "Every file has been read; what was found is being told apart."
NO_PACE = "Nothing was finished lately, so there is no pace to reckon with."
PACE = "{left} files with {size} are left; the last {window:.0f} s went at {files:.1f} files and {bytes} a second."

UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Amount:
    """So many files with so many bytes."""

    files: int = 0
    bytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.files + other.files, self.bytes + other.bytes)

    @property
    def work(self) -> float:
        """What they cost, in bytes."""
        return self.files * FILE_COST + self.bytes


def describe(job: Job, counts: Sequence[Count], problems: Iterable[Problem], now: datetime) -> dict[str, Any]:
    """The job as the API tells it."""
    found = Counter[str]()
    for count in counts:
        if count.change:
            found[count.change] += count.items
    if "unchanged" in job.progress:
        found[Change.UNCHANGED] += job.progress["unchanged"]
    return {
        "job_id": str(job.id),
        "kind": job.kind,
        "asked_by": job.asked_by,
        "path": job.request.get("path"),
        "state": job.state,
        "phase": job.phase or "scanning",
        "counts": {change: found[change] for change in Change},
        "still_missing": job.progress.get("still_missing", 0),
        "applied": sum(count.items for count in counts if count.state == "done" and count.change != Change.UNCHANGED),
        "current_path": job.progress.get("path") if job.listed_at is None else None,
        "progress": progress_of(job, counts, now),
        "errors": [{"path": problem.path, "reason": problem.reason} for problem in problems],
        "error": job.error,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at and job.started_at.isoformat(),
        "finished_at": job.finished_at and job.finished_at.isoformat(),
    }


def progress_of(job: Job, counts: Sequence[Count], now: datetime) -> dict[str, Any]:
    """Files and bytes done and to be done in the phase that the job is in."""
    if job.listed_at is None:
        listed = int(job.progress.get("listed", 0))
        seconds = (now - job.started_at).total_seconds() if job.started_at else 0.0
        basis = ENDED if job.finished_at else LISTING if job.started_at else NOT_BEGUN
        return _told(Amount(listed), None, Amount(listed), seconds, None, basis)
    done, left, recent = sums(job, counts)
    seconds = min(WINDOW, max(1.0, (now - job.listed_at).total_seconds()))
    if job.finished_at or job.state == "reported" or not left.files:
        basis = ENDED if job.finished_at else WAITING if job.state == "reported" else PACE_IS_OVER
        return _told(done, done + left, recent, seconds, 0.0, basis)
    if not recent.work:
        return _told(done, done + left, recent, seconds, None, NO_PACE)
    basis = PACE.format(
        left=left.files,
        size=readable(left.bytes),
        window=seconds,
        files=recent.files / seconds,
        bytes=readable(recent.bytes / seconds),
    )
    return _told(done, done + left, recent, seconds, left.work * seconds / recent.work, basis)


def sums(job: Job, counts: Sequence[Count]) -> tuple[Amount, Amount, Amount]:
    """What is done in this phase, what is left, and what was done lately. A report is done when everything is read."""
    is_applying = job.phase in {"applying", "done"}
    done, left, recent = Amount(), Amount(), Amount()
    for count in counts:
        amount = Amount(count.items, count.bytes)
        if count.state == "pending" and (is_applying or not (count.is_read or count.change)):
            left += amount
        else:
            done += amount
            recent += Amount(count.recent, count.recent_bytes)
    return done, left, recent


def readable(size: float) -> str:
    """An amount of bytes as people write it."""
    for unit in UNITS:
        if size < 1000 or unit == UNITS[-1]:
            return f"{size:.0f} {unit}" if unit == UNITS[0] else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError


def _told(
    done: Amount, total: Amount | None, recent: Amount, seconds: float, eta: float | None, basis: str
) -> dict[str, float | int | str | None]:
    return {
        "done": done.files,
        "total": total.files if total else None,
        "bytes_done": done.bytes,
        "bytes_total": total.bytes if total else None,
        "files_per_second": round(recent.files / max(1.0, seconds), 3),
        "bytes_per_second": round(recent.bytes / max(1.0, seconds), 1),
        "eta_seconds": None if eta is None else round(eta, 1),
        "eta_basis": basis,
    }
