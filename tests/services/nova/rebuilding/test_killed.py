"""The nova service is killed in the middle of a rebuild; the next one goes on where it was."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from nats.js import JetStreamContext

from shared.contracts import RebuildRequested
from shared.database import Database
from shared.service import Platform
from tests.support.footage import add_searchable
from tests.support.processes import service
from tests.support.rebuilding import asked, held, job_of, last_file, rows, table_id
from tests.support.replaying import publish_waiting, tell
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(180)]

FILES = 5


async def at_the_last_file(database: Database) -> bool:
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT to_regclass('rebuilding.rebuild_files')")).fetchone()
        if not row or row[0] is None:
            return False
        cursor = await connection.execute("SELECT count(*) FROM rebuilding.rebuild_files WHERE built")
        return await cursor.fetchone() == (FILES - 1,)


@asynccontextmanager
async def filling(database: Database, event: RebuildRequested) -> AsyncIterator[None]:
    """Until the end of the block the rebuild fills in the last file."""
    async with held(database, await last_file(database)):
        yield


async def at_the_swap(database: Database, event: RebuildRequested) -> bool:
    return (await job_of(database, event)).progress.get("phase") == "swapping"


@asynccontextmanager
async def swapping(database: Database, event: RebuildRequested) -> AsyncIterator[None]:
    """Until the end of the block somebody reads the old tables."""
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM moments LIMIT 1")
        yield


@pytest.mark.parametrize("phase", ["filling", "swapping"])
async def test_another_worker_goes_on_where_the_killed_one_was(
    platform: Platform,
    database: Database,
    stream: JetStreamContext,
    stack_environment: dict[str, str],
    tmp_path: Path,
    phase: str,
) -> None:
    for number in range(FILES):
        await add_searchable(database, f"The pump number {number} goes in.")
    before = await rows(database)
    event = await asked(database)
    await tell(database, event)
    await publish_waiting(database, stream)
    block: Callable[[Database, RebuildRequested], AbstractAsyncContextManager[None]]
    block, reached = (
        (filling, partial(at_the_last_file, database))
        if phase == "filling"
        else (
            swapping,
            partial(at_the_swap, database, event),
        )
    )
    environment = {**stack_environment, "SPILLWAY_ACK_WAIT": "1", "SPILLWAY_HEALTH_PORT": "0"}
    async with block(database, event):
        with service("nova", environment, tmp_path / "first.log"):
            await until_so(reached, within=60.0)
            table = await table_id(database, "rebuilding")  # the end of this block is a kill -9
    assert (await job_of(database, event)).state == "running"
    with service("nova", environment, tmp_path / "second.log"):
        await until_so(partial(is_done, database, event), within=60.0)
    assert await table_id(database, "public") == table is not None
    assert await rows(database) == before


async def is_done(database: Database, event: RebuildRequested) -> bool:
    return (await job_of(database, event)).state == "done"
