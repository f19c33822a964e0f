"""The tables of search are made anew from the record, row by row as they were."""

import httpx
import pytest

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from shared.database import Database
from shared.errors import AlreadyApplied, TablesMissing
from shared.service import Platform
from tests.support.embedding import Local, analysed, wanted_again
from tests.support.imported import emitted
from tests.support.library import count
from tests.support.mixed import POND, add_mixed_library
from tests.support.rebuilding import (
    asked,
    drop_tables,
    rebuilt,
    rows,
    schemas,
    table_id,
)

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]


async def test_every_row_is_as_it_was(platform: Platform, database: Database, embedding: Embedding, local: Local) -> None:
    await add_mixed_library(database, embedding)
    before, table = await rows(database), await table_id(database, "public")
    assert all(before.values())
    local.texts.clear()
    event = await asked(database)
    job = await rebuilt(platform, event)
    assert (job.state, job.error) == ("done", None)
    assert await rows(database) == before
    assert await table_id(database, "public") != table
    assert job.progress["copied"] == len(before["embeddings"])
    assert (job.progress["made"], job.progress["lacking"]) == (0, 0)
    assert await schemas(database) == set()
    assert [subject for subject, _ in await emitted(database, event.job_id)] == ["rebuild.completed"]


@pytest.mark.parametrize("dropped", [("moments", "embeddings", "file_facts"), ("moments",), ("embeddings",), ("file_facts",)])
async def test_tables_that_were_dropped_come_back(
    platform: Platform, database: Database, embedding: Embedding, dropped: tuple[str, ...]
) -> None:
    films = await add_mixed_library(database, embedding)
    before = await rows(database)
    await drop_tables(database, *dropped)
    assert (await rebuilt(platform)).state == "done"
    after = await rows(database)
    # Of what is just being replaced by another content there is no record any more.
    gone = {row[0] for row in before["moments"] if row[1] == films["replaced"].file_id}
    whole = dropped == ("file_facts",)
    assert after["moments"] == [row for row in before["moments"] if whole or row[0] not in gone]
    assert after["embeddings"] == [row for row in before["embeddings"] if whole or row[0] not in gone]
    assert after["file_facts"] == before["file_facts"]


async def test_tables_that_were_truncated_or_lack_columns_come_back(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    await on_moments_wanted(await analysed(database, "Today we dig the pond.", path=POND), embedding)
    before = await rows(database)
    async with database.connection() as connection:
        await connection.execute("TRUNCATE moments CASCADE")
    assert (await rebuilt(platform)).state == "done"
    assert await rows(database) == before
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE moments DROP COLUMN words")
        await connection.execute("DROP INDEX embeddings_minilm")
    assert (await rebuilt(platform)).state == "done"
    assert await rows(database) == before


async def test_searches_and_workers_say_what_is_missing(
    database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    film = await analysed(database, "Today we dig the pond.", path=POND)
    await on_moments_wanted(film, embedding)
    again = await wanted_again(database, film)
    await drop_tables(database)
    for path in ("/api/search?q=pond", "/api/search?q=pond&sort=path&facets=true", f"/api/search/like?file_id={film.file_id}"):
        answer = await http.get(path)
        assert answer.status_code == 503, path
        assert "./spillway events rebuild search" in answer.json()["detail"]
    with pytest.raises(TablesMissing):
        await on_moments_wanted(again, embedding)


async def test_a_dry_run_tells_what_would_change_and_changes_nothing(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    films = await add_mixed_library(database, embedding)
    async with database.transaction() as connection:
        plain, edited_one = films["plain"].file_id, films["edited"].file_id
        await connection.execute("DELETE FROM moments WHERE file_id = %s AND field = 'name'", (plain,))
        await connection.execute("UPDATE moments SET text = 'x' WHERE file_id = %s AND field = 'path'", (edited_one,))
        await connection.execute("DELETE FROM file_facts WHERE file_id = %s", (edited_one,))
    before, table = await rows(database), await table_id(database, "public")
    job = await rebuilt(platform, await asked(database, dry_run=True))
    assert await rows(database) == before
    assert await table_id(database, "public") == table
    assert await schemas(database) == set()
    assert await count(database, "pg_trigger", "tgname LIKE 'rebuild_%'") == 0
    report = job.progress["report"]
    assert job.state == "done"
    assert report["tables"]["moments"] == {"now": len(before["moments"]), "then": len(before["moments"]) + 1}
    assert report["files_different"] == 2
    told = {one["file_id"]: one for one in report["examples"]}
    assert (told[str(plain)]["added"], told[str(plain)]["changed"]) == (1, 0)
    assert (told[str(edited_one)]["changed"], told[str(edited_one)]["added"]) == (1, 0)
    assert told[str(edited_one)]["facts"] > 0
    assert (job.progress["lacking"], job.progress["usd"]) == (1, 0.0)


async def test_a_dry_run_without_tables_counts_from_nothing(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    await on_moments_wanted(await analysed(database, "Today we dig the pond.", path=POND), embedding)
    before = await rows(database)
    await drop_tables(database)
    job = await rebuilt(platform, await asked(database, dry_run=True))
    tables = job.progress["report"]["tables"]
    assert {name: (one["now"], one["then"]) for name, one in tables.items()} == {
        name: (None, len(found)) for name, found in before.items()
    }
    assert await table_id(database, "public") is None


async def test_a_second_delivery_changes_nothing(platform: Platform, database: Database, embedding: Embedding) -> None:
    await on_moments_wanted(await analysed(database, "Today we dig the pond.", path=POND), embedding)
    event = await asked(database)
    await rebuilt(platform, event)
    table = await table_id(database, "public")
    async with database.connection() as connection:  # as if the worker had been killed just after the swap
        await connection.execute("CREATE SCHEMA replaced; CREATE TABLE replaced.moments (id bigint)")
    with pytest.raises(AlreadyApplied):
        await rebuilt(platform, event)
    assert await table_id(database, "public") == table
    assert await schemas(database) == set()
    assert len(await emitted(database, event.job_id)) == 1


async def test_one_record_that_cannot_be_read_keeps_no_other_file_from_being_found(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    films = [await analysed(database, f"Film number {number}.") for number in range(2)]
    for film in films:
        await on_moments_wanted(film, embedding)
    before = await rows(database)
    async with database.transaction() as connection:
        await connection.execute("UPDATE analyses SET result = '{}' WHERE file_id = %s", (films[0].file_id,))
    assert (await rebuilt(platform)).state == "done"
    after = await rows(database)
    assert (after["moments"], after["embeddings"]) == (before["moments"], before["embeddings"])
