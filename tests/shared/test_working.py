"""Slow work shows how far it is, and ends when nobody wants it any more."""

import asyncio

import pytest

from shared import stages, working
from shared.contracts import FileIngested, Stage, StageState
from shared.database import Database
from shared.errors import BadMedia, Superseded
from shared.identifiers import new_id
from shared.working import Report, carried_out
from tests.support.library import add_file, count
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


@pytest.fixture
async def event(database: Database, monkeypatch: pytest.MonkeyPatch) -> FileIngested:
    monkeypatch.setattr(working, "FIRST_LOOK", 0.02)
    monkeypatch.setattr(working, "LOOK", 0.02)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM stage_work")
        return await add_file(connection)


async def test_the_result_comes_back_and_nothing_is_left(database: Database, event: FileIngested) -> None:
    async def work(report: Report) -> str:
        report(3.0, 12.0)
        await until_so(shown)
        return "made"

    async def shown() -> bool:
        return await count(database, "stage_work", "done = 3 AND total = 12 AND stage = 'proxy'") == 1

    assert await carried_out(database, event, Stage.PROXY, work) == "made"
    assert await count(database, "stage_work") == 0


async def test_what_a_killed_worker_left_is_not_taken_for_its_successors(database: Database, event: FileIngested) -> None:
    left = "INSERT INTO stage_work (file_id, stage, done, started_at) VALUES (%s, 'proxy', 9, now() - interval '1 day')"
    async with database.connection() as connection:
        await connection.execute(left, (event.file_id,))

    async def work(report: Report) -> None:
        report(7.0, 12.0)
        report(8.0, 12.0)
        await until_so(shown)

    async def shown() -> bool:
        condition = "done = 8 AND begun_with = 7 AND started_at > now() - interval '1 hour'"
        return await count(database, "stage_work", condition) == 1

    await carried_out(database, event, Stage.PROXY, work)


async def test_an_error_is_the_works_own(database: Database, event: FileIngested) -> None:
    async def work(report: Report) -> None:
        raise BadMedia("It is damaged.")

    with pytest.raises(BadMedia, match="damaged"):
        await carried_out(database, event, Stage.PROXY, work)


@pytest.mark.parametrize("why", ["settled", "overtaken", "changed"])
async def test_work_that_nobody_wants_any_more_is_stopped(database: Database, event: FileIngested, why: str) -> None:
    stopped = asyncio.Event()

    async def work(report: Report) -> None:
        async with database.transaction() as connection:
            if why == "settled":
                await stages.settle(connection, event, Stage.PROXY, StageState.DONE)
            elif why == "overtaken":
                await stages.reopen(connection, Stage.PROXY, [event.file_id], new_id())
            else:
                await connection.execute("UPDATE file_stages SET revision = 2")
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    with pytest.raises(Superseded):
        await carried_out(database, event, Stage.PROXY, work)
    assert stopped.is_set()
    assert await count(database, "stage_work") == 0


async def test_cancelling_stops_the_work(database: Database, event: FileIngested) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def work(report: Report) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    task = asyncio.create_task(carried_out(database, event, Stage.PROXY, work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()
