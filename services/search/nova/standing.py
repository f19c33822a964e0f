"""How far an analysis that was asked for is, in one word and in per cent; values in, values out."""

from dataclasses import dataclass
from typing import Literal

Word = Literal["pending", "running", "waiting", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Standing:
    """What is known of a job: its own state, its files by state, and of those that are pending how many move or wait.

    `parts` is the sum of what is done of the files under way, each as a share of 1.
    """

    job: str
    total: int
    done: int
    skipped: int
    failed: int
    running: int
    waiting: int
    working: int
    parts: float


def word(standing: Standing) -> Word:
    """The state as people are told it.

    Skipped means that a file was overtaken, changed or still on its first way: of a job in which nothing was done, that is no
    success.
    """
    if standing.job == "cancelled":
        return "cancelled"
    if standing.job == "failed":
        return "failed"
    if standing.job == "done":
        return _ended(standing)
    if standing.running or standing.working > standing.waiting:
        return "running"
    if standing.waiting:
        return "waiting"
    return "running" if standing.done + standing.failed + standing.skipped else "pending"


def percent(standing: Standing) -> float:
    """How much is done, between 0 and 100; parts of a long video count."""
    if standing.job in {"done", "cancelled", "failed"}:
        return 100.0 if standing.job == "done" else round(100.0 * _share(standing), 1)
    return min(99.9, round(100.0 * _share(standing), 1))


def current_chunk(chunks_done: int | None, chunks: int | None) -> int | None:
    """Which part of a long video is looked at, counted from 1; None before it is known."""
    if chunks is None or chunks_done is None:
        return None
    return min(chunks_done + 1, chunks)


def _ended(standing: Standing) -> Word:
    if standing.done or not standing.total:
        return "done"
    return "failed" if standing.failed else "cancelled"


def _share(standing: Standing) -> float:
    settled = standing.done + standing.failed + standing.skipped
    return (settled + standing.parts) / standing.total if standing.total else 0.0
