from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.search.imports.progress import FILE_COST, describe, readable
from services.search.imports.repository import Count, Problem
from shared.jobs import Job

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def job(**fields: Any) -> Job:
    began = NOW - timedelta(seconds=20)
    values = {
        "id": UUID(int=1), "kind": "rescan", "state": "running", "request": {"path": "/films"}, "error": None,
        "listed_at": NOW - timedelta(seconds=10), "created_at": began, "started_at": began, "finished_at": None,
        "phase": "scanning", "progress": {},
    }  # fmt: skip
    return Job(**{**values, **fields})


def count(change: str | None, state: str, items: int, *, size: int = 0, recent: int = 0, is_read: bool = False) -> Count:
    return Count(change, state, is_read, items, items * size, recent, recent * size)


def test_while_folders_are_listed_nobody_knows_how_long_it_takes() -> None:
    told = describe(job(listed_at=None, progress={"listed": 4000, "path": "/films/deep/"}), [], [], NOW)
    assert told["current_path"] == "/films/deep/"
    assert (told["progress"]["done"], told["progress"]["total"], told["progress"]["eta_seconds"]) == (4000, None, None)
    assert told["progress"]["files_per_second"] == 200.0
    assert told["progress"]["eta_basis"] == "Folders are still being listed; how many files there are is not known yet."


def test_the_time_left_follows_from_files_and_bytes_of_late() -> None:
    counts = [
        count(None, "pending", 10, size=FILE_COST),
        count(None, "pending", 20, size=FILE_COST, recent=20, is_read=True),
        count("new", "done", 30, size=FILE_COST, recent=20),
    ]
    progress = describe(job(), counts, [], NOW)["progress"]
    assert (progress["done"], progress["total"], progress["bytes_done"]) == (50, 60, 50 * FILE_COST)
    assert (progress["files_per_second"], progress["eta_seconds"]) == (4.0, 2.5)
    assert progress["eta_basis"] == "10 files with 2.6 MB are left; the last 10 s went at 4.0 files and 1.0 MB a second."


def test_what_has_a_verdict_is_read_but_waits_to_be_applied() -> None:
    counts = [count("moved", "pending", 3, size=7), count("new", "done", 1, size=7, recent=1)]
    assert describe(job(), counts, [], NOW)["progress"]["eta_basis"].startswith("Every file has been read")
    applying = describe(job(phase="applying"), counts, [], NOW)["progress"]
    assert (applying["done"], applying["total"]) == (1, 4)
    assert applying["eta_seconds"] == pytest.approx(30.0)


def test_without_a_pace_there_is_no_time() -> None:
    progress = describe(job(), [count(None, "pending", 3)], [], NOW)["progress"]
    assert progress["eta_seconds"] is None
    assert progress["eta_basis"] == "Nothing was finished lately, so there is no pace to reckon with."


def test_counts_tell_every_change_and_what_has_no_items() -> None:
    counts = [count("moved", "pending", 3), count("moved", "done", 2), count("unchanged", "done", 1), count(None, "pending", 9)]
    told = describe(
        job(state="reported", phase="reported", progress={"unchanged": 90, "still_missing": 4}),
        counts,
        [Problem("/films/x.mp4", "It is empty.")],
        NOW,
    )
    assert told["counts"] == {
        "new": 0, "moved": 5, "renamed": 0, "changed": 0, "missing": 0, "returned": 0, "duplicate": 0, "unchanged": 91,
        "unsupported": 0, "unreadable": 0,
    }  # fmt: skip
    assert (told["still_missing"], told["applied"], told["current_path"]) == (4, 2, None)
    assert told["errors"] == [{"path": "/films/x.mp4", "reason": "It is empty."}]
    assert told["progress"]["eta_basis"] == "Nothing is left to do until the report is applied."


def test_a_job_that_has_ended_takes_no_longer() -> None:
    progress = describe(job(state="done", phase="done", finished_at=NOW), [count("new", "done", 3)], [], NOW)["progress"]
    assert (progress["eta_seconds"], progress["eta_basis"]) == (0.0, "The job has ended.")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.5e9, "2.5 GB"), (3e15, "3000.0 TB")]
)
def test_sizes_as_people_write_them(size: float, text: str) -> None:
    assert readable(size) == text
