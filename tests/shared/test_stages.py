"""A stage is settled once per revision and run."""

from uuid import UUID

import pytest

from shared import jobs
from shared.contracts import Stage, StageState
from shared.database import Connection, Database
from shared.errors import Superseded
from shared.identifiers import new_id
from shared.stages import reopen, require_pending, restore, settle
from tests.support.library import about, add_file, stage_of

pytestmark = pytest.mark.connected


async def test_a_settled_stage_says_how_and_why(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        await settle(connection, event, Stage.TRANSCRIBE, StageState.SKIPPED, "The file has no sound.")
    row = await stage_of(database, event.file_id, Stage.TRANSCRIBE)
    assert (row.state, row.reason) == ("skipped", "The file has no sound.")
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "pending"


async def test_a_stage_is_settled_once(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        await settle(connection, event, Stage.PROXY, StageState.DONE)
        with pytest.raises(Superseded):
            await settle(connection, event, Stage.PROXY, StageState.FAILED, "too late")
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "done"


async def test_an_old_revision_settles_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection, revision=2)
        with pytest.raises(Superseded):
            await settle(connection, about(event.file_id, 1), Stage.PROXY, StageState.DONE)
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "pending"


async def states(database: Database, file_id: UUID) -> dict[str, str]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT stage, state FROM file_stages WHERE file_id = %s", (file_id,))
        return dict(await cursor.fetchall())


async def settled_file(connection: Connection, **differing: StageState) -> UUID:
    """A file through all stages: done, but for those named."""
    event = await add_file(connection)
    for stage in Stage:
        await settle(connection, event, stage, differing.get(stage.value, StageState.DONE), f"{stage} of before")
    return event.file_id


async def test_only_the_run_that_reopened_a_stage_settles_it(database: Database) -> None:
    run = new_id()
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        await reopen(connection, Stage.PROXY, [file_id], run)
        for other in (None, new_id()):
            with pytest.raises(Superseded):
                await settle(connection, about(file_id, run_id=other), Stage.PROXY, StageState.FAILED, "old")
            with pytest.raises(Superseded):
                await require_pending(connection, about(file_id, run_id=other), Stage.PROXY)
        await require_pending(connection, about(file_id, run_id=run), Stage.PROXY)
        await settle(connection, about(file_id, run_id=run), Stage.PROXY, StageState.DONE)
    assert (await stage_of(database, file_id, Stage.PROXY)).state == "done"


async def test_new_renditions_leave_a_transcript_alone(database: Database) -> None:
    run = new_id()
    async with database.transaction() as connection:
        file_id = await settled_file(connection)
        await reopen(connection, Stage.PROXY, [file_id], run)
        await settle(connection, about(file_id, run_id=run), Stage.PROXY, StageState.DONE)
    assert set((await states(database, file_id)).values()) == {"done"}


@pytest.mark.parametrize("before", [StageState.FAILED, StageState.SKIPPED])
async def test_what_was_lacking_is_tried_again_after_a_rerun(database: Database, before: StageState) -> None:
    run = new_id()
    async with database.transaction() as connection:
        file_id = await settled_file(connection, proxy=StageState.FAILED, transcribe=before)
        again = about(file_id, run_id=run)
        await reopen(connection, Stage.PROXY, [file_id], run)
        await settle(connection, again, Stage.PROXY, StageState.DONE)
        assert await states_in(connection, file_id) == {
            "proxy": "done",
            "transcribe": "pending",
            "analyse": "done",
            "embed": "done",
        }
        await settle(connection, again, Stage.TRANSCRIBE, StageState.DONE)
        await settle(connection, again, Stage.ANALYSE, StageState.DONE)
        await settle(connection, again, Stage.EMBED, StageState.DONE)
    assert set((await states(database, file_id)).values()) == {"done"}


async def test_a_first_way_through_goes_on_with_the_rerun_that_overtook_it(database: Database) -> None:
    """The event that would have begun the next stage is never told: the rerun's has to."""
    run = new_id()
    async with database.transaction() as connection:
        event = await add_file(connection)
        await reopen(connection, Stage.PROXY, [event.file_id], run)
        await settle(connection, about(event.file_id, run_id=run), Stage.PROXY, StageState.DONE)
        await require_pending(connection, about(event.file_id, run_id=run), Stage.TRANSCRIBE)


async def test_what_is_called_off_is_what_it_was(database: Database) -> None:
    async with database.transaction() as connection:
        run, later = [await jobs.create(connection, Stage.TRANSCRIBE, {}) for _ in range(2)]
        file_id = await settled_file(connection, transcribe=StageState.SKIPPED)
        finished = await settled_file(connection)
        await reopen(connection, Stage.TRANSCRIBE, [file_id, finished], run)
        await reopen(connection, Stage.TRANSCRIBE, [file_id, finished], later)
        await settle(connection, about(finished, run_id=later), Stage.TRANSCRIBE, StageState.FAILED, "It failed.")
        assert await restore(connection, Stage.TRANSCRIBE, run) == 0
        assert await restore(connection, Stage.TRANSCRIBE, later) == 1
    row = await stage_of(database, file_id, Stage.TRANSCRIBE)
    assert (row.state, row.reason) == ("skipped", "transcribe of before")
    assert (await stage_of(database, finished, Stage.TRANSCRIBE)).reason == "It failed."


async def states_in(connection: Connection, file_id: UUID) -> dict[str, str]:
    cursor = await connection.execute(
        "SELECT stage, state FROM file_stages WHERE file_id = %s AND stage <> 'ingest'", (file_id,)
    )
    return dict(await cursor.fetchall())
