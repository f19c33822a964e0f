"""How far jobs are, for those who listen."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.search.live import job_watches
from services.search.live.job_watches import JobWatches
from shared.errors import NotFound
from tests.support.waiting import until


class Job:
    """A job that is further each time somebody looks."""

    def __init__(self) -> None:
        self.looks = 0

    async def look(self, job_id: UUID) -> dict[str, Any]:
        self.looks += 1
        return {"job_id": str(job_id), "done": self.looks}


async def test_a_job_is_looked_at_once_for_all_and_only_while_somebody_listens() -> None:
    job, job_id = Job(), uuid4()
    watches = JobWatches(job.look)
    wakes = [asyncio.Event() for _ in range(20)]
    async with watches.watching(job_id, wakes[0]) as watch:
        for wake in wakes[1:]:
            async with watches.watching(job_id, wake) as again:
                assert again is watch
        await until(lambda: watch.number == 1)
        assert b'"done": 1' in watch.frame
    assert job.looks == 1
    assert not watches._watches
    watches.nudge({str(job_id)})
    await asyncio.sleep(0)
    assert job.looks == 1


async def test_however_much_happens_there_is_a_gap_between_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    job, job_id = Job(), uuid4()
    watches = JobWatches(job.look)
    monkeypatch.setattr(job_watches, "GAP", 3600)
    async with watches.watching(job_id, asyncio.Event()) as watch:
        await until(lambda: watch.number == 1)
        for _ in range(50):
            watches.nudge({str(job_id)})
            await asyncio.sleep(0)
        assert job.looks == 1


async def test_what_happens_has_the_job_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    job, job_id, wake = Job(), uuid4(), asyncio.Event()
    watches = JobWatches(job.look)
    monkeypatch.setattr(job_watches, "GAP", 0)
    monkeypatch.setattr(job_watches, "IDLE", 3600)
    async with watches.watching(job_id, wake) as watch:
        await until(lambda: watch.number == 1)
        happened: list[set[str | None]] = [{str(job_id)}, {None}]  # the second to a file, which may be one of the job's
        for number, news in enumerate(happened, 2):
            wake.clear()
            watches.nudge({str(uuid4())})
            watches.nudge(news)
            await until(wake.is_set)
            assert watch.number == number


async def test_no_news_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[UUID] = []

    async def look(job_id: UUID) -> dict[str, Any]:
        looks.append(job_id)
        if len(looks) < 3:
            raise NotFound("job", job_id)
        return {"job_id": str(job_id)}

    monkeypatch.setattr(job_watches, "GAP", 0)
    monkeypatch.setattr(job_watches, "IDLE", 0)
    watches = JobWatches(look)
    async with watches.watching(uuid4(), asyncio.Event()) as watch:
        await until(lambda: len(looks) > 10)
    assert watch.number == 1
