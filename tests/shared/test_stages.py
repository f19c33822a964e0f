"""A stage is settled once per revision."""

import pytest

from shared.contracts import Stage, StageState
from shared.database import Database
from shared.errors import Superseded
from shared.stages import settle
from tests.support.library import add_file, stage_of

pytestmark = pytest.mark.connected


async def test_a_settled_stage_says_how_and_why(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        await settle(connection, event.file_id, 1, Stage.TRANSCRIBE, StageState.SKIPPED, "The file has no sound.")
    row = await stage_of(database, event.file_id, Stage.TRANSCRIBE)
    assert (row.state, row.reason) == ("skipped", "The file has no sound.")
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "pending"


async def test_a_stage_is_settled_once(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection)
        await settle(connection, event.file_id, 1, Stage.PROXY, StageState.DONE)
        with pytest.raises(Superseded):
            await settle(connection, event.file_id, 1, Stage.PROXY, StageState.FAILED, "too late")
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "done"


async def test_an_old_revision_settles_nothing(database: Database) -> None:
    async with database.transaction() as connection:
        event = await add_file(connection, revision=2)
        with pytest.raises(Superseded):
            await settle(connection, event.file_id, 1, Stage.PROXY, StageState.DONE)
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "pending"
