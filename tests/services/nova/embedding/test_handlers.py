"""Files are made findable, on the real database and with the local embedder."""

import numpy as np
import pytest

from services.nova.embedding.handlers import Embedding, on_moments_wanted
from shared import stages
from shared.contracts import FileMoved, NovaFailed, Stage, TranscriptEdited
from shared.database import Database
from shared.errors import AlreadyApplied, Superseded, Transient
from shared.identifiers import new_id
from shared.service import Platform
from tests.support.embedding import Local, analysed, embedders_of, embedding_of, moment_rows
from tests.support.footage import SETTLED, model
from tests.support.imported import emitted
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected

POND = "/films/Smith/pond_build.mp4"


@pytest.fixture
def local() -> Local:
    return Local()


@pytest.fixture
def embedding(platform: Platform, database: Database, local: Local) -> Embedding:
    return embedding_of(platform, embedders_of(database, embedder="local"), local=local)


async def test_an_analysis_is_embedded(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "Today we dig the pond with an excavator.", "The pump goes in.", path=POND)
    await on_moments_wanted(event, embedding)
    rows = await moment_rows(database)
    assert ("transcript", "The pump goes in.", 384) in rows
    assert {"transcript", "chapter", "summary", "element", "name", "path"} <= {field for field, *_ in rows}
    assert (await stage_of(database, event.file_id, Stage.EMBED)).state == "done"
    subject, body = (await emitted(database, event.file_id))[-1]
    assert (subject, body["model"], body["moments"]) == ("embeddings.ready", model.model, len(rows))


async def test_each_vector_is_its_own_text_s(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "Today we dig the pond.", "The pump goes in.", "Happy birthday to you.")
    await on_moments_wanted(event, embedding)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT text, embedding::text FROM moments JOIN embeddings ON moment_id = id")
        rows = await cursor.fetchall()
    vectors = np.array([[float(value) for value in text.strip("[]").split(",")] for _, text in rows])
    cosines = np.sum(vectors * model.embed_now([text for text, _ in rows]), axis=1)
    np.testing.assert_allclose(cosines, 1.0, atol=2e-3)


async def test_embedded_once_though_delivered_twice(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "The pump goes in.")
    await on_moments_wanted(event, embedding)
    before = await moment_rows(database)
    with pytest.raises((AlreadyApplied, Superseded)):
        await on_moments_wanted(event, embedding)
    assert await moment_rows(database) == before


async def test_nothing_is_left_of_an_embedding_that_failed_first(platform: Platform, database: Database) -> None:
    event = await analysed(database, "The pump goes in.")
    flaky = embedding_of(platform, embedders_of(database, embedder="local"), local=Local(fails_first=True))
    with pytest.raises(Transient):
        await on_moments_wanted(event, flaky)
    assert await count(database, "moments") == await count(database, "inbox") == 0
    await on_moments_wanted(event, flaky)
    assert await count(database, "moments") == await count(database, "embeddings") > 0


async def test_a_new_revision_takes_the_place_of_the_old(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "The pump goes in.")
    await on_moments_wanted(event, embedding)
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET revision = 2")
        await connection.execute("UPDATE file_stages SET revision = 2, state = 'pending' WHERE stage = 'embed'")
        await connection.execute("UPDATE transcripts SET revision = 2")
        await connection.execute("UPDATE transcript_segments SET text = 'The pump is gone.'")
    await on_moments_wanted(event.model_copy(update={"revision": 2}), embedding)
    spoken = [text for field, text, _ in await moment_rows(database) if field == "transcript"]
    assert spoken == ["The pump is gone."]
    assert await count(database, "moments", "revision <> 2") == 0


async def test_without_an_analysis_words_and_names_are_still_found(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "The pump goes in.", path="/films/Smith/pond.mp4", settled=(*SETTLED, Stage.ANALYSE))
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM analyses")
    failed = NovaFailed(file_id=event.file_id, revision=1, kind=event.kind, reason="It failed.")
    await on_moments_wanted(failed, embedding)
    assert {field for field, *_ in await moment_rows(database)} == {"transcript", "name", "path"}


async def test_a_file_that_moved_is_found_by_its_new_name_and_nothing_else_is_embedded_again(
    database: Database, embedding: Embedding, local: Local
) -> None:
    event = await analysed(database, "The pump goes in.", path=POND)
    await on_moments_wanted(event, embedding)
    local.texts.clear()
    run = new_id()
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET path = '/films/Miller/grotto.mp4'")
        await stages.reopen(connection, Stage.EMBED, [event.file_id], run)
    moved = FileMoved(file_id=event.file_id, revision=1, kind=event.kind, run_id=run, path="/films/Miller/grotto.mp4")
    await on_moments_wanted(moved, embedding)
    rows = {field: text for field, text, _ in await moment_rows(database)}
    assert (rows["name"], rows["path"], rows["transcript"]) == ("grotto", "films / Miller", "The pump goes in.")
    assert set(local.texts) == {"grotto", "films / Miller"}


async def test_what_another_file_says_is_not_embedded_again(database: Database, embedding: Embedding, local: Local) -> None:
    await on_moments_wanted(await analysed(database, "The pump goes in.", path="/films/one.mp4"), embedding)
    local.texts.clear()
    await on_moments_wanted(await analysed(database, "The pump goes in.", path="/films/two.mp4"), embedding)
    assert "two" in local.texts
    assert "The pump goes in." not in local.texts
    assert [text for field, text, _ in await moment_rows(database) if field == "transcript"] == ["The pump goes in."] * 2


async def test_an_edited_transcript_is_found_by_its_new_words(database: Database, embedding: Embedding) -> None:
    event = await analysed(database, "The pump goes in.")
    await on_moments_wanted(event, embedding)
    edit = new_id()
    async with database.transaction() as connection:
        await connection.execute("UPDATE transcript_segments SET text = 'The lamp goes in.'")
        await stages.reopen(connection, Stage.EMBED, [event.file_id], edit)
    edited = TranscriptEdited(file_id=event.file_id, revision=1, kind=event.kind, run_id=edit, transcript_id=event.file_id)
    await on_moments_wanted(edited, embedding)
    assert [text for field, text, _ in await moment_rows(database) if field == "transcript"] == ["The lamp goes in."]
    assert "chapter" in {field for field, *_ in await moment_rows(database)}
