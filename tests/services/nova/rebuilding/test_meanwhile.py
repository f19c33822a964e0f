"""While the tables of search are made anew, everything else goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from services.nova.rebuilding import shadow
from services.nova.rebuilding.handlers import UNHURRIED, on_rebuild_requested
from services.nova.rebuilding.plans import CalledOff
from services.nova.rebuilding.rebuild import Rebuild
from services.nova.rebuilding.swapping import swap
from shared import jobs
from shared.contracts import NovaCompleted, RebuildRequested
from shared.database import Database
from shared.errors import Transient
from shared.identifiers import new_id
from shared.minilm import MODEL
from shared.service import Platform
from shared.tasks import ended
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import analysed, embedders_of, embedding_of, states, wanted_again
from tests.support.library import count
from tests.support.mixed import POND, add_mixed_library, edited
from tests.support.rebuilding import (
    asked,
    interrupted,
    job_of,
    means,
    rebuilt,
    rows,
    schemas,
    table_id,
)
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]


@asynccontextmanager
async def searching(http: httpx.AsyncClient, q: str) -> AsyncIterator[list[Any]]:
    """Ask without a pause until the end of the block; answers with every answer."""
    told: list[Any] = []
    stop = asyncio.Event()

    async def ask() -> None:
        while not stop.is_set():
            answer = await http.get("/api/search", params={"q": q})
            told.append((answer.status_code, [moment["id"] for moment in answer.json().get("moments", [])]))

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    try:
        yield told
    finally:
        stop.set()
        await asyncio.gather(*asking)


async def test_searches_are_answered_all_the_while(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    await add_mixed_library(database, embedding)
    await http.get("/api/search", params={"q": "pump"})
    async with searching(http, "pump") as told:
        for _ in range(3):
            await until_so(partial(later, told, len(told)))
            assert (await rebuilt(platform)).state == "done"
        await until_so(partial(later, told, len(told)))
    assert {status for status, _ in told} == {200}
    assert len({tuple(ids) for _, ids in told}) == 1
    assert told[0][1]


async def test_whoever_reads_for_long_keeps_nobody_from_searching(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    await on_moments_wanted(await analysed(database, "The pump goes in.", path=POND), embedding)
    event = await asked(database)
    async with database.transaction() as reader:
        await reader.execute("SELECT FROM files LIMIT 1")
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(partial(has_ended, database, event))
        for _ in range(5):
            assert (await http.get("/api/search", params={"q": "pump"})).is_success
        assert await schemas(database) == {"replaced"}
    assert (await running).state == "done"
    assert await schemas(database) == set()


async def has_ended(database: Database, event: RebuildRequested) -> bool:
    return (await job_of(database, event)).finished_at is not None


async def later(told: list[Any], seen: int) -> bool:
    return len(told) > seen + 3


async def test_what_changes_meanwhile_is_right_afterwards(
    platform: Platform, database: Database, http: httpx.AsyncClient, embedding: Embedding
) -> None:
    films = await add_mixed_library(database, embedding)
    added: list[NovaCompleted] = []

    async def meanwhile() -> None:
        assert await count(database, "rebuilding.moments") > 0
        await on_moments_wanted(await edited(database, films["plain"], "Today we dig the grotto."), embedding)
        added.append(await analysed(database, "A newcomer.", path="/films/newcomer.mp4"))
        await on_moments_wanted(added[0], embedding)
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM files WHERE id = %s", (films["missing"].file_id,))
            await connection.execute("DELETE FROM file_facts WHERE file_id = %s", (films["photo"].file_id,))
            await connection.execute("DELETE FROM analyses WHERE file_id = %s", (films["photo"].file_id,))

    event = await asked(database)
    await on_rebuild_requested(event, means(platform, interrupted(platform, meanwhile)), platform.effects)
    assert (await job_of(database, event)).state == "done"
    after = await rows(database)
    texts = {(row[1], row[6]) for row in after["moments"]}
    assert (films["plain"].file_id, "Today we dig the grotto.") in texts
    assert (films["plain"].file_id, "Today we dig the pond.") not in texts
    assert (added[0].file_id, "A newcomer.") in texts
    assert films["missing"].file_id not in {row[1] for row in after["moments"]}
    assert films["photo"].file_id not in {row[0] for row in after["file_facts"]}
    assert len({row[0] for row in after["embeddings"]}) == len(after["moments"])
    answer = await http.get("/api/search", params={"q": "grotto"})
    assert answer.json()["moments"][0]["file_id"] == str(films["plain"].file_id)


async def test_whoever_writes_all_the_while_does_not_keep_the_new_tables_from_their_place(
    platform: Platform, database: Database, embedding: Embedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = [await analysed(database, f"The pump number {number} goes in.") for number in range(3)]
    for film in films:
        await on_moments_wanted(film, embedding)
    gather = Rebuild.gather

    async def gathered(rebuild: Rebuild) -> None:
        """Whenever it has just caught up, somebody stores something again, as soon as they may."""
        await gather(rebuild)
        writing.append(asyncio.create_task(store()))
        waiting = asyncio.create_task(held_back(database))
        await asyncio.wait({writing[-1], waiting}, return_when=asyncio.FIRST_COMPLETED)
        await ended([waiting])

    async def store() -> None:
        await on_moments_wanted(await wanted_again(database, films[len(writing) % 3]), embedding)

    writing: list[asyncio.Task[None]] = []
    monkeypatch.setattr(Rebuild, "gather", gathered)
    assert (await rebuilt(platform)).state == "done"
    await asyncio.gather(*writing)
    assert len(writing) > UNHURRIED
    assert len((await rows(database))["moments"]) == await count(database, "embeddings") > 0


async def held_back(database: Database) -> None:
    await until_so(partial(somebody_is_held_back, database), within=60.0)


async def somebody_is_held_back(database: Database) -> bool:
    waiting = "locktype = 'advisory' AND NOT granted AND mode = 'ShareLock'"
    return await count(database, "pg_locks", waiting) > 0


async def test_nothing_changes_places_while_something_is_left_to_do(platform: Platform, database: Database) -> None:
    event = await asked(database)
    async with database.transaction() as connection:
        await jobs.start(connection, event.job_id)
        await shadow.make(connection, event.job_id, [MODEL])
        await connection.execute("INSERT INTO rebuilding.rebuild_changes (file_id) VALUES (%s)", (new_id(),))
    table = await table_id(database, "public")
    with pytest.raises(shadow.Busy):
        async with platform.effects.begin() as effect:
            await swap(effect, event.job_id, [MODEL], 1)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM rebuilding.rebuild_changes")
    with pytest.raises(Transient, match="embedders"):
        async with platform.effects.begin() as effect:
            await swap(effect, event.job_id, ["another"], 1)
    async with database.transaction() as connection:
        await connection.execute("UPDATE jobs SET state = 'cancelled', finished_at = now()")
    with pytest.raises(CalledOff):
        async with platform.effects.begin() as effect:
            await swap(effect, event.job_id, [MODEL], 1)
    assert await table_id(database, "public") == table


async def test_embedders_do_not_switch_meanwhile(
    platform: Platform, database: Database, bedrock: FakeBedrock, embedding: Embedding
) -> None:
    film = await analysed(database, "Today we dig the pond.", path=POND)
    await on_moments_wanted(film, embedding)
    after = embedding_of(platform, embedders_of(database))
    seen: list[dict[str, str]] = []

    async def meanwhile() -> None:
        await after.switch.step()
        seen.append(await states(database))

    event = await asked(database)
    await on_rebuild_requested(event, means(platform, interrupted(platform, meanwhile)), platform.effects)
    assert len(seen[0]) == 1
    await after.switch.step()
    assert len(await states(database)) == 2


async def test_one_that_waits_for_a_switch_goes_on_after_it(
    platform: Platform, database: Database, embedding: Embedding
) -> None:
    await on_moments_wanted(await analysed(database, "Today we dig the pond.", path=POND), embedding)
    event = await asked(database)
    async with database.connection() as other:
        await other.execute("SELECT pg_advisory_lock(7205759409)")
        running = asyncio.create_task(rebuilt(platform, event))
        await until_so(lambda: phase_is(database, event, "waiting"))
        await other.execute("SELECT pg_advisory_unlock(7205759409)")
    assert (await running).state == "done"


async def phase_is(database: Database, event: RebuildRequested, phase: str) -> bool:
    return (await job_of(database, event)).progress.get("phase") == phase
