"""A job's progress in numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.search.jobs.progress import StageCounts, describe, pace
from shared.contracts import Stage
from shared.jobs import Job

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ITEMS = {"pending": 0, "done": 1, "skipped": 0, "failed": 0}


def job(**changes: Any) -> Job:
    began = NOW - timedelta(seconds=10)
    values: dict[str, Any] = {
        "state": "done",
        "started_at": began,
        "finished_at": NOW,
        "error": None,
        "listed_at": began,
        "phase": None,
        "progress": {},
    } | changes
    return Job(id=UUID(int=1), kind="import", request={"path": "/films"}, created_at=began, **values)


def test_rate_is_what_was_settled_lately_and_the_rest_goes_on_so() -> None:
    told = pace(StageCounts(Stage.PROXY, pending=10, done=15, skipped=3, failed=2, recent=20), seconds=10.0)
    assert told == {"pending": 10, "done": 15, "skipped": 3, "failed": 2, "rate": 2.0, "eta_seconds": 5.0}


def test_while_nothing_moves_nobody_knows_how_long_it_takes() -> None:
    assert pace(StageCounts(Stage.PROXY, 10, 0, 0, 0, 0), seconds=30.0)["eta_seconds"] is None


def test_nothing_left_takes_no_time() -> None:
    assert pace(StageCounts(Stage.PROXY, 0, 5, 0, 0, 0), seconds=30.0)["eta_seconds"] == 0.0


def test_a_job_is_finished_when_it_has_ended_and_no_stage_has_anything_left() -> None:
    settled, open_ = StageCounts(Stage.EMBED, 0, 1, 0, 0, 1), StageCounts(Stage.EMBED, 1, 0, 0, 0, 0)
    assert describe(job(), ITEMS, [settled], NOW)["finished"] is True
    assert describe(job(), ITEMS, [open_], NOW)["finished"] is False
    assert describe(job(state="running", finished_at=None), ITEMS, [settled], NOW)["finished"] is False


def test_a_job_that_failed_before_it_had_items_is_finished_and_says_why() -> None:
    told = describe(job(state="failed", error="There is no such folder."), ITEMS, [], NOW)
    assert (told["finished"], told["error"], told["path"]) == (True, "There is no such folder.", "/films")
    assert list(told["stages"]) == list(Stage)
