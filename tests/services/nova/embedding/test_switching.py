"""One embedder takes another's place: searches are complete all the while, and nothing is paid for twice."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.nova.embedding import repository, tenure
from services.nova.embedding.handlers import Embedding, on_moments_wanted
from services.nova.embedding.switching import Switch
from services.nova.embedding.vectors import Made, Vectors
from services.nova.moments import Moment
from services.search.schemas import SearchAnswer
from shared import embedders
from shared.contracts import Kind, NovaCompleted, Stage
from shared.database import Database
from shared.embedders import Embedders
from shared.errors import Transient
from shared.minilm import MODEL
from shared.paying import budgets
from shared.service import Platform
from tests.support.bedrock.fake import FakeBedrock
from tests.support.embedding import add_rendition, analysed, embedders_of, embedding_of, moment_rows, states, wanted_again
from tests.support.footage import model
from tests.support.imported import emitted
from tests.support.library import count, stage_of
from tests.support.media import tiny_photo
from tests.support.paying import ledger_rows
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

NOVA = "nova-2-multimodal-embeddings-v1-1024"
WORDS = {"waterfall": "The waterfall.", "excavator": "An excavator.", "birthday": "A birthday."}


@pytest.fixture
def before(platform: Platform, database: Database) -> Embedding:
    """The service as it was when the settings named the local embedder."""
    return embedding_of(platform, embedders_of(database, embedder="local"))


@pytest.fixture
def after(platform: Platform, nova: Embedders) -> Embedding:
    """The service since the settings name Nova."""
    return embedding_of(platform, nova)


async def embedded(database: Database, embedding: Embedding, *words: str) -> dict[str, NovaCompleted]:
    """A file for each of these words."""
    events = {word: await analysed(database, WORDS[word], path=f"/films/{word}.mp4") for word in words}
    for event in events.values():
        await on_moments_wanted(event, embedding)
    return events


async def found_by_meaning(http: httpx.AsyncClient, q: str) -> UUID:
    """The file whose moment is nearest to a query; it must have been found by its meaning."""
    response = await http.get("/api/search", params={"q": q})
    answer = SearchAnswer.model_validate_json(response.content)
    assert answer.note is None
    first = answer.moments[0]
    assert first.similarity is not None
    assert first.matched == "both"
    return first.file_id


async def assert_all_found(http: httpx.AsyncClient, films: dict[str, NovaCompleted]) -> None:
    for word, event in films.items():
        assert await found_by_meaning(http, word) == event.file_id


async def test_searches_are_complete_before_during_and_after_a_switch(
    database: Database, http: httpx.AsyncClient, bedrock: FakeBedrock, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall", "excavator")
    await assert_all_found(http, films)
    await after.switch.step()
    assert await states(database) == {MODEL: "serving", NOVA: "building"}
    assert not bedrock.calls
    await assert_all_found(http, films)

    films |= await embedded(database, after, "birthday")  # what comes meanwhile has vectors of both
    assert len(await moment_rows(database, NOVA)) < len(await moment_rows(database, MODEL))
    await on_moments_wanted(await wanted_again(database, films["waterfall"]), after)
    await after.switch.step()
    assert (await states(database))[MODEL] == "serving"
    await assert_all_found(http, films)
    assert all(row["purpose"] != "query" for row in await ledger_rows(database))

    await on_moments_wanted(await wanted_again(database, films["excavator"]), after)
    await after.switch.step()
    assert await states(database) == {MODEL: "retired", NOVA: "serving"}
    await assert_all_found(http, films)
    assert await moment_rows(database, MODEL) == []
    assert len(await moment_rows(database, NOVA)) == await count(database, "moments") > 0
    assert {row["purpose"] for row in await ledger_rows(database)} == {"embedding", "query"}


async def test_an_empty_library_has_the_new_embedder_at_once(database: Database, after: Embedding) -> None:
    await after.switch.step()
    assert await states(database) == {MODEL: "retired", NOVA: "serving"}


async def test_what_is_stored_while_another_takes_over_is_waited_for(
    database: Database, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    await after.switch.step()
    await on_moments_wanted(await wanted_again(database, films["waterfall"]), after)
    film = await analysed(database, WORDS["birthday"])
    old = Made([Moment("name", "birthday")], {MODEL: Vectors({"birthday": str(model.embed_now(["birthday"])[0].tolist())})})
    async with database.transaction() as connection:
        await repository.save(connection, film, old)  # by a service that knows of no other embedder
        step = asyncio.create_task(after.switch.step())
        await until_so(lambda: somebody_waits(database))
    await step
    assert await states(database) == {MODEL: "serving", NOVA: "building"}


async def somebody_waits(database: Database) -> bool:
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s", (embedders.LOCK & 0xFFFFFFFF,)
        )
        return cursor.rowcount > 0


async def test_vectors_of_one_that_serves_no_more_are_not_enough(
    database: Database, before: Embedding, after: Embedding
) -> None:
    film = await analysed(database, WORDS["waterfall"])
    made = await before.maker.made(film, [Moment("name", "waterfall")], lambda done, total: None)
    await after.switch.step()
    async with database.transaction() as connection:
        with pytest.raises(Transient, match=NOVA):
            await repository.save(connection, film, made)


async def test_a_job_that_is_repeated_costs_nothing(
    database: Database, bedrock: FakeBedrock, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    await after.switch.step()
    for _ in range(2):
        await on_moments_wanted(await wanted_again(database, films["waterfall"]), after)
    texts = {text for _, text, _ in await moment_rows(database, NOVA)}
    assert len(bedrock.billed) == len(texts)


async def test_what_a_killed_worker_has_paid_for_is_used(
    platform: Platform, database: Database, bedrock: FakeBedrock, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    await after.switch.step()
    event = await wanted_again(database, films["waterfall"])
    moments = [Moment(field, text) for field, text, _ in await moment_rows(database)]
    await after.maker.made(event, moments, lambda done, total: None)  # and there it was killed
    paid = len(bedrock.billed)
    assert await count(database, "model_calls", "answer IS NOT NULL") == paid > 0
    await on_moments_wanted(event, embedding_of(platform, embedders_of(database)))
    assert len(bedrock.billed) == paid
    assert await count(database, "model_calls", "answer IS NOT NULL") == paid


async def test_answers_are_kept_while_nobody_stores_their_vectors(
    database: Database, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    await after.switch.step()
    made = await after.maker.made(films["waterfall"], [Moment("name", "waterfall")], lambda done, total: None)
    await before.switch.step()  # the settings name the local one again
    async with database.transaction() as connection:
        await repository.save(connection, films["waterfall"], made)
    assert await count(database, "model_calls", "answer IS NOT NULL") == 1


async def test_a_budget_leaves_files_as_findable_as_they_were(
    database: Database, http: httpx.AsyncClient, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    await after.switch.step()
    async with database.transaction() as connection:
        await budgets.create(connection, name="vectors", period="day", usd=Decimal(0))
    event = await wanted_again(database, films["waterfall"])
    await on_moments_wanted(event, after)
    stage = await stage_of(database, event.file_id, Stage.EMBED)
    assert stage.state == "failed"
    assert "vectors" in (stage.reason or "")
    assert "searches answer with the vectors that there are" in (stage.reason or "")
    subject, body = (await emitted(database, event.file_id))[-1]
    assert (subject, body["reason"], body["run_id"]) == ("embeddings.failed", stage.reason, str(event.run_id))
    await after.switch.step()
    assert (await states(database))[MODEL] == "serving"
    await assert_all_found(http, films)


async def test_a_file_that_the_embedder_refuses_is_found_by_words(
    database: Database, http: httpx.AsyncClient, bedrock: FakeBedrock, after: Embedding
) -> None:
    await after.switch.step()
    bedrock.deny("amazon.nova-2-multimodal-embeddings-v1:0")
    films = await embedded(database, after, "waterfall")
    assert (await stage_of(database, films["waterfall"].file_id, Stage.EMBED)).state == "failed"
    response = await http.get("/api/search", params={"q": "waterfall"})
    answer = SearchAnswer.model_validate_json(response.content)
    assert answer.moments[0].file_id == films["waterfall"].file_id
    assert "by words alone" in (answer.note or "")
    bedrock.allow("amazon.nova-2-multimodal-embeddings-v1:0")
    await assert_all_found_again(database, http, after, films)


async def assert_all_found_again(
    database: Database, http: httpx.AsyncClient, embedding: Embedding, films: dict[str, NovaCompleted]
) -> None:
    for event in films.values():
        await on_moments_wanted(await wanted_again(database, event), embedding)
    await assert_all_found(http, films)


async def test_a_switch_can_be_called_off(database: Database, before: Embedding, after: Embedding) -> None:
    films = await embedded(database, before, "waterfall", "birthday")
    await after.switch.step()
    await on_moments_wanted(await wanted_again(database, films["waterfall"]), after)
    assert await moment_rows(database, NOVA)
    await before.switch.step()
    assert await states(database) == {MODEL: "serving", NOVA: "retired"}
    assert await moment_rows(database, NOVA) == []
    assert await moment_rows(database, MODEL)


async def test_back_again_and_what_was_seen_goes_with_who_saw_it(
    platform: Platform, database: Database, http: httpx.AsyncClient, before: Embedding, after: Embedding, tmp_path: Path
) -> None:
    await after.switch.step()
    photo = await analysed(database, path="/photos/waterfall.jpg", kind=Kind.IMAGE)
    await add_rendition(platform, photo, "image", tiny_photo(tmp_path / "lake.jpg"), "image/jpeg")
    await on_moments_wanted(photo, after)
    assert (await stage_of(database, photo.file_id, Stage.EMBED)).reason is None
    assert await count(database, "moments", "field = 'picture'") == 1
    await before.switch.step()
    assert await states(database) == {MODEL: "building", NOVA: "serving"}
    await on_moments_wanted(await wanted_again(database, photo), before)
    assert await count(database, "moments", "field = 'picture'") == 1
    await before.switch.step()
    assert await states(database) == {MODEL: "serving", NOVA: "retired"}
    assert await count(database, "moments", "field = 'picture'") == 0
    await assert_all_found(http, {"waterfall": photo})


@pytest.mark.parametrize("valid", [True, False])
async def test_an_index_is_made_for_each_embedder(platform: Platform, database: Database, *, valid: bool) -> None:
    switch = Switch(database, embedders_of(database, embedding_dimensions=384))
    name = "embeddings_nova_2_multimodal_embeddings_v1_384"
    if not valid:
        async with database.connection() as connection:
            await connection.execute(f"CREATE INDEX {name} ON embeddings (model)".encode())
            await connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", (name,))
    try:
        await switch.step()
        async with database.connection() as connection:
            cursor = await connection.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", (name,))
            [(definition,)] = await cursor.fetchall()
            cursor = await connection.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", (name,))
            assert await cursor.fetchall() == [(True,)]
        assert "hnsw" in definition
        assert "halfvec(384)" in definition
        assert "nova-2-multimodal-embeddings-v1-384" in definition
    finally:
        async with database.connection() as connection:
            await connection.execute(f"DROP INDEX IF EXISTS {name}".encode())


async def test_only_one_process_looks_after_the_embedders(database: Database, after: Embedding) -> None:
    async with database.connection() as connection, tenure.alone(connection) as mine:
        assert mine
        await after.switch.step()
        assert await states(database) == {MODEL: "serving"}
    await after.switch.step()
    assert NOVA in await states(database)


async def test_embedders_are_looked_after_at_the_start_and_after_files(
    database: Database, before: Embedding, after: Embedding
) -> None:
    films = await embedded(database, before, "waterfall")
    async with after.switch:
        await until_so(lambda: is_state(database, NOVA, "building"))
        await on_moments_wanted(await wanted_again(database, films["waterfall"]), replace(after))
        await until_so(lambda: is_state(database, NOVA, "serving"))


async def is_state(database: Database, embedder: str, state: str) -> bool:
    return (await states(database)).get(embedder) == state
