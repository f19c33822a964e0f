"""Which request for a file gives way to which, and what is there again when the later one is called off."""

from uuid import UUID

import pytest

from shared import jobs, stages
from shared.contracts import Stage, StageState
from shared.database import Connection, Database
from shared.identifiers import new_id
from tests.support.library import about, add_file, count

pytestmark = pytest.mark.connected

ITEM = "INSERT INTO job_items (job_id, path_raw, path, file_id) SELECT %s, path_raw, path, id FROM files WHERE id = %s"


async def settled_file(connection: Connection) -> UUID:
    event = await add_file(connection)
    for stage in Stage:
        await stages.settle(connection, event, stage, StageState.DONE)
    return event.file_id


async def listed(connection: Connection, stage: Stage, file_id: UUID) -> UUID:
    """A job that has not yet come to the file."""
    job_id = await jobs.create(connection, stage, {})
    await jobs.start(connection, job_id)
    await connection.execute(ITEM, (job_id, file_id))
    return job_id


async def waits_for(database: Database, file_id: UUID, stage: Stage) -> tuple[str, UUID | None]:
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT state, run_id FROM file_stages WHERE file_id = %s AND stage = %s", (file_id, stage)
        )
        [row] = await cursor.fetchall()
    return row[0], row[1]


async def test_new_renditions_take_nothing_from_a_job_about_transcripts(database: Database) -> None:
    run = new_id()
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        transcripts = await listed(connection, Stage.TRANSCRIBE, file_id)
        await stages.reopen(connection, Stage.PROXY, [file_id], run)
        await stages.settle(connection, about(file_id, run_id=run), Stage.PROXY, StageState.DONE)
    assert await count(database, "job_items", f"job_id = '{transcripts}' AND state = 'pending'") == 1


async def test_a_job_that_has_not_come_to_the_file_has_its_turn(database: Database) -> None:
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        later = await listed(connection, Stage.PROXY, file_id)
        await stages.reopen(connection, Stage.PROXY, [file_id], new_id())
    assert await count(database, "job_items", f"job_id = '{later}' AND state = 'pending'") == 1


async def test_what_follows_from_an_edit_is_waited_for_again_when_a_job_is_called_off(database: Database) -> None:
    edit = new_id()
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        await stages.reopen(connection, Stage.EMBED, [file_id], edit)
        job = await listed(connection, Stage.EMBED, file_id)
        await stages.reopen(connection, Stage.EMBED, [file_id], job)
        await stages.restore(connection, Stage.EMBED, job)
    assert await waits_for(database, file_id, Stage.EMBED) == ("pending", edit)


async def test_a_job_that_gave_way_does_not_come_back(database: Database) -> None:
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        first, second = [await listed(connection, Stage.PROXY, file_id) for _ in range(2)]
        await stages.reopen(connection, Stage.PROXY, [file_id], first)
        await stages.reopen(connection, Stage.PROXY, [file_id], second)
        await stages.restore(connection, Stage.PROXY, second)
    assert await waits_for(database, file_id, Stage.PROXY) == ("done", None)
