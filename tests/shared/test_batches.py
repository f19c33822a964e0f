"""A job of one action ends with its last file, however the files are settled."""

import asyncio
from uuid import UUID

import pytest

from shared import batches, jobs, stages
from shared.batches import OVERTAKEN
from shared.contracts import Stage, StageState
from shared.database import Connection, Database
from shared.identifiers import new_id
from tests.support.library import about, add_file, count

pytestmark = pytest.mark.connected

ITEM = """
    INSERT INTO job_items (job_id, path_raw, path, file_id)
    SELECT %(job)s, path_raw, path, id FROM files WHERE id = ANY(%(files)s)
"""


async def batch(connection: Connection, stage: Stage, *files: UUID) -> UUID:
    """A job about these files, listed and begun, with the stage reopened for it."""
    job_id = await jobs.create(connection, stage, {})
    await jobs.start(connection, job_id)
    await connection.execute("UPDATE jobs SET listed_at = now() WHERE id = %s", (job_id,))
    await connection.execute(ITEM, {"job": job_id, "files": list(files)})
    await stages.reopen(connection, stage, files, job_id)
    return job_id


async def state_of(database: Database, job_id: UUID) -> str:
    async with database.connection() as connection:
        return (await jobs.find(connection, job_id)).state


async def items(database: Database, job_id: UUID) -> dict[str, int]:
    async with database.connection() as connection:
        return await jobs.item_counts(connection, job_id)


async def test_the_last_file_ends_the_job(database: Database) -> None:
    async with database.transaction() as connection:
        first, second = [(await add_file(connection)).file_id for _ in range(2)]
        job = await batch(connection, Stage.PROXY, first, second)
        await stages.settle(connection, about(first, run_id=job), Stage.PROXY, StageState.FAILED, "No.")
    assert await state_of(database, job) == "running"
    async with database.transaction() as connection:
        await stages.settle(connection, about(second, run_id=job), Stage.PROXY, StageState.DONE)
    assert await state_of(database, job) == "done"
    assert await items(database, job) == {"pending": 0, "done": 1, "skipped": 0, "failed": 1}
    assert await count(database, "outbox", "subject = 'batch.completed' AND body->>'failed' = '1'") == 1


async def test_two_that_settle_the_last_files_at_once_end_the_job(database: Database) -> None:
    async with database.transaction() as connection:
        files = [(await add_file(connection)).file_id for _ in range(2)]
        job = await batch(connection, Stage.PROXY, *files)
    settled = asyncio.Barrier(2)

    async def settle(file_id: UUID) -> None:
        async with database.transaction() as connection:
            await connection.execute(batches.SETTLE_ITEM, item(job, file_id))
            await settled.wait()
            await batches.complete(connection, job)

    await asyncio.gather(*map(settle, files))
    assert await state_of(database, job) == "done"


def item(job: UUID, file_id: UUID) -> dict[str, object]:
    return {"job_id": job, "file_id": file_id, "stage": Stage.PROXY, "state": StageState.DONE, "reason": None}


async def test_the_stages_after_it_are_not_what_the_job_is_about(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        job = await batch(connection, Stage.PROXY, event.file_id)
        await stages.settle(connection, about(event.file_id, run_id=job), Stage.PROXY, StageState.DONE)
        await stages.settle(connection, about(event.file_id, run_id=job), Stage.TRANSCRIBE, StageState.FAILED, "No model.")
    assert await items(database, job) == {"pending": 0, "done": 1, "skipped": 0, "failed": 0}


async def test_a_job_that_is_still_being_listed_does_not_end(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        job = await batch(connection, Stage.PROXY, event.file_id)
        await connection.execute("UPDATE jobs SET listed_at = NULL")
        await stages.settle(connection, about(event.file_id, run_id=job), Stage.PROXY, StageState.DONE)
    assert await state_of(database, job) == "running"


async def test_a_later_request_for_the_file_takes_over(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        earlier = await batch(connection, Stage.PROXY, event.file_id)
        other = await batch(connection, Stage.TRANSCRIBE, event.file_id)
        await stages.reopen(connection, Stage.PROXY, [event.file_id], new_id())
    assert await state_of(database, earlier) == "done"
    assert await count(database, "job_items", f"state = 'skipped' AND reason = '{OVERTAKEN}'") == 1
    assert await state_of(database, other) == "running"
