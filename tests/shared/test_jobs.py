"""Jobs count themselves, begin once and end once."""

from uuid import UUID, uuid4

import pytest

from shared import jobs
from shared.database import Connection, Database
from shared.errors import NotFound

pytestmark = pytest.mark.connected

ITEM = "INSERT INTO job_items (job_id, path_raw, path, file_id, state) VALUES (%s, %s, %s, %s, %s)"


async def add_item(connection: Connection, job_id: UUID, state: str, file_id: UUID | None = None) -> None:
    path = str(uuid4())
    await connection.execute(ITEM, (job_id, path.encode(), path, file_id, state))


async def test_a_new_job_waits(database: Database) -> None:
    async with database.connection() as connection:
        job = await jobs.find(connection, await jobs.create(connection, "import", {"path": "/media"}))
    assert (job.kind, job.state, job.request) == ("import", "pending", {"path": "/media"})
    assert (job.started_at, job.finished_at, job.error) == (None, None, None)


async def test_a_job_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(NotFound, match="no job with the id"):
            await jobs.find(connection, uuid4())


async def test_a_job_begins_and_ends_once(database: Database) -> None:
    async with database.connection() as connection:
        job_id = await jobs.create(connection, "import", {})
        await jobs.start(connection, job_id)
        begun = await jobs.find(connection, job_id)
        assert await jobs.finish(connection, job_id, "done")
        assert not await jobs.finish(connection, job_id, "failed", "too late")
        await jobs.start(connection, job_id)
        ended = await jobs.find(connection, job_id)
    assert (begun.state, ended.state, ended.error) == ("running", "done", None)
    assert ended.started_at == begun.started_at is not None
    assert ended.finished_at is not None


async def test_a_job_that_failed_may_begin_again(database: Database) -> None:
    async with database.connection() as connection:
        job_id = await jobs.create(connection, "import", {})
        await jobs.start(connection, job_id)
        await jobs.finish(connection, job_id, "failed", "The folder is gone.")
        failed = await jobs.find(connection, job_id)
        await jobs.start(connection, job_id)
        again = await jobs.find(connection, job_id)
    assert (failed.state, failed.error) == ("failed", "The folder is gone.")
    assert (again.state, again.error, again.finished_at) == ("running", None, None)
    assert again.started_at == failed.started_at


async def test_items_are_counted_by_state(database: Database) -> None:
    async with database.transaction() as connection:
        job_id, other = [await jobs.create(connection, "import", {}) for _ in range(2)]
        for state in ("done", "done", "pending", "skipped", "failed"):
            await add_item(connection, job_id, state)
        await add_item(connection, other, "done")
        assert await jobs.item_counts(connection, job_id) == {"pending": 1, "done": 2, "skipped": 1, "failed": 1}
        assert await jobs.item_counts(connection, uuid4()) == {"pending": 0, "done": 0, "skipped": 0, "failed": 0}
