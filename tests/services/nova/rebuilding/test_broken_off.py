"""A rebuild that is broken off leaves everything as it was, or is gone on with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from services.nova.rebuilding.handlers import on_buried
from shared.database import Database
from shared.service import Platform
from tests.support.embedding import analysed
from tests.support.imported import emitted
from tests.support.library import count
from tests.support.mixed import POND, add_mixed_library
from tests.support.rebuilding import (
    asked,
    held,
    job_of,
    last_file,
    rebuilt,
    rows,
    schemas,
    some_are_built,
    table_id,
)
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]


async def test_a_rebuild_that_is_cancelled_leaves_everything_as_it_was(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    before, table = await rows(database), await table_id(database, "public")
    event = await asked(database)
    async with held(database, await last_file(database)):
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(lambda: some_are_built(database))
        answer = await http.post(f"/api/events/rebuild/{event.job_id}/cancel", json={})
        assert answer.json() == {"job_id": str(event.job_id), "state": "cancelled"}
    assert (await running).state == "cancelled"
    assert await rows(database) == before
    assert await table_id(database, "public") == table
    assert await schemas(database) == set()
    assert (await http.post(f"/api/events/rebuild/{event.job_id}/cancel", json={})).status_code == 409


async def test_an_index_that_is_being_made_is_given_up_too(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    before = await rows(database)
    event = await asked(database)
    async with database.transaction() as connection:  # as long as this sees the past, no index is ready
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await connection.execute("SELECT FROM migrations LIMIT 1")
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(partial(is_indexing, database))
        assert (await http.post(f"/api/events/rebuild/{event.job_id}/cancel", json={})).status_code == 202
        assert (await running).state == "cancelled"
        assert await schemas(database) == set()
    assert await rows(database) == before


async def is_indexing(database: Database) -> bool:
    return await count(database, "pg_stat_progress_create_index", "phase LIKE 'waiting for old snapshots%'") > 0


async def test_what_was_begun_goes_on_where_it_was(platform: Platform, database: Database, embedding: Embedding) -> None:
    await add_mixed_library(database, embedding)
    before = await rows(database)
    event = await asked(database)
    async with held(database, await last_file(database)):
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(lambda: some_are_built(database))
        table = await table_id(database, "rebuilding")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert (await rebuilt(platform, event)).state == "done"
    assert await table_id(database, "public") == table is not None
    assert await rows(database) == before


async def test_what_another_job_has_left_is_not_gone_on_with(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    left = await asked(database)
    async with held(database, await last_file(database)):
        running = asyncio.create_task(rebuilt(platform, left))
        await until_so(lambda: some_are_built(database))
        table = await table_id(database, "rebuilding")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert (await rebuilt(platform)).state == "done"
    assert await table_id(database, "public") != table


async def test_a_full_disk_leaves_everything_as_it_was(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    before, table = await rows(database), await table_id(database, "public")
    async with full_disk(database):
        job = await rebuilt(platform)
    assert job.state == "failed"
    assert "disk of Postgres is full" in (job.error or "")
    assert await rows(database) == before
    assert await table_id(database, "public") == table
    assert await schemas(database) == set()
    assert (await http.get("/api/search", params={"q": "pump"})).is_success
    assert (await rebuilt(platform)).state == "done"


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """Postgres says that the disk is full whenever an index over words is made."""
    async with database.connection() as connection:
        await connection.execute("""
            CREATE FUNCTION no_room() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                IF current_query() LIKE 'CREATE INDEX CONCURRENTLY%moments_words%' THEN
                    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
                END IF;
            END $$;
            CREATE EVENT TRIGGER no_room ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION no_room();
        """)
        try:
            yield
        finally:
            await connection.execute("DROP EVENT TRIGGER no_room; DROP FUNCTION no_room()")


async def test_a_rebuild_that_is_given_up_leaves_everything_as_it_was(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    before = await rows(database)
    event = await asked(database)
    async with held(database, await last_file(database)):
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(lambda: some_are_built(database))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with database.transaction() as connection:
        await on_buried(connection, event, "The worker stopped too often.")
    job = await job_of(database, event)
    assert (job.state, job.error) == ("failed", "The worker stopped too often.")
    assert await schemas(database) == set()
    assert await rows(database) == before
    assert [subject for subject, _ in await emitted(database, event.job_id)] == ["rebuild.failed"]


async def test_what_is_in_the_way_is_told(platform: Platform, database: Database, embedding: Embedding) -> None:
    await on_moments_wanted(await analysed(database, "The pump goes in.", path=POND), embedding)
    async with database.connection() as connection:
        await connection.execute("CREATE INDEX moments_words_of_mine ON moments (revision)")
        await connection.execute("ALTER INDEX moments_text RENAME TO moments_text_of_mine")
        await connection.execute("CREATE INDEX moments_text ON files (camera)")
    before = await rows(database)
    try:
        job = await rebuilt(platform)
    finally:
        async with database.connection() as connection:
            await connection.execute("DROP INDEX moments_text")
    assert job.state == "failed"
    assert "moments_text" in (job.error or "")
    assert await rows(database) == before
    assert (await rebuilt(platform)).state == "done"
