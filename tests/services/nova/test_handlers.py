"""The nova service on the real database."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from services.nova.analyst import Analysis, Material
from services.nova.handlers import Resources, on_analysis_wanted, on_moments_wanted
from services.nova.local.analyst import LocalAnalyst
from shared import stages
from shared.contracts import (
    FileMoved,
    NovaCompleted,
    NovaFailed,
    NovaRequested,
    Stage,
    TranscriptEdited,
    TranscriptFailed,
    TranscriptSkipped,
)
from shared.database import Database
from shared.errors import AlreadyApplied, Superseded, Transient
from shared.identifiers import new_id
from shared.minilm import DIMENSIONS, MODEL
from shared.service import Platform
from tests.support.footage import SETTLED, Footage, add_footage, model
from tests.support.imported import emitted
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected


class FailsFirst:
    """An analyst and embedder whose first call ends in a passing error."""

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.calls = 0

    async def analyse(self, material: Material) -> Analysis:
        self._count()
        return await LocalAnalyst().analyse(material)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._count()
        return await model.embed(texts)

    def _count(self) -> None:
        self.calls += 1
        if self.calls == 1:
            raise Transient("Not yet.")


@pytest.fixture
def resources(platform: Platform) -> Resources:
    return Resources(platform.database, platform.effects, LocalAnalyst(), model)


async def footage(database: Database, *sentences: str, **options: object) -> Footage:
    async with database.transaction() as connection:
        return await add_footage(connection, *sentences, **options)  # type: ignore[arg-type]


async def analysed(database: Database, resources: Resources, *sentences: str) -> NovaCompleted:
    """A file that is analysed; answers with the event that says so."""
    film = await footage(database, *sentences, path="/films/Smith/pond_build.mp4")
    await on_analysis_wanted(film.transcribed, resources)
    [(_, body)] = await emitted(database, film.id)
    return NovaCompleted.model_validate(body)


async def moment_rows(database: Database) -> list[tuple[str, str, int]]:
    """Field, text and vector dimensions of every moment."""
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT field, text, vector_dims(embedding) FROM moments JOIN embeddings ON moment_id = id ORDER BY id"
        )
        return await cursor.fetchall()


async def test_a_transcript_is_analysed(database: Database, resources: Resources) -> None:
    film = await footage(database, "Today we dig the pond with an excavator.", path="/films/Smith/pond_build.mp4")
    await on_analysis_wanted(film.transcribed, resources)
    assert (await stage_of(database, film.id, Stage.ANALYSE)).state == "done"
    [(subject, body)] = await emitted(database, film.id)
    assert subject == "nova.completed"
    assert body["model"] == "local"
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT id, result FROM analyses")
        [(analysis_id, result)] = await cursor.fetchall()
    assert str(analysis_id) == body["analysis_id"]
    assert "excavator" in {element["name"] for element in Analysis.model_validate(result).model_dump()["elements"]}


@pytest.mark.parametrize("event", [TranscriptSkipped, TranscriptFailed])
async def test_a_file_without_transcript_is_analysed_by_its_names(
    database: Database, resources: Resources, event: type[TranscriptSkipped | TranscriptFailed]
) -> None:
    film = await footage(database, path="/films/Smith/pond_build.mp4")
    await on_analysis_wanted(event(file_id=film.id, revision=1, kind=film.kind, reason="No audio track."), resources)
    assert (await stage_of(database, film.id, Stage.ANALYSE)).state == "done"


async def test_analysed_once_though_delivered_twice(database: Database, resources: Resources) -> None:
    film = await footage(database, "The pump goes in.")
    await on_analysis_wanted(film.transcribed, resources)
    with pytest.raises((AlreadyApplied, Superseded)):
        await on_analysis_wanted(film.transcribed, resources)
    assert await count(database, "analyses") == 1
    assert len(await emitted(database, film.id)) == 1


async def test_nothing_is_left_of_an_analysis_that_failed_first(database: Database, resources: Resources) -> None:
    film = await footage(database, "The pump goes in.")
    flaky = replace(resources, analyst=FailsFirst())
    with pytest.raises(Transient):
        await on_analysis_wanted(film.transcribed, flaky)
    assert await count(database, "analyses") == await count(database, "inbox") == 0
    await on_analysis_wanted(film.transcribed, flaky)
    assert await count(database, "analyses") == 1


async def test_an_old_revision_is_left_alone(database: Database, resources: Resources) -> None:
    film = await footage(database, "The pump goes in.", revision=2)
    old = film.transcribed.model_copy(update={"revision": 1})
    with pytest.raises(Superseded):
        await on_analysis_wanted(old, resources)
    assert await count(database, "analyses") == 0


async def test_an_analysis_is_embedded(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "Today we dig the pond with an excavator.", "The pump goes in.")
    await on_moments_wanted(event, resources)
    rows = await moment_rows(database)
    assert ("transcript", "The pump goes in.", 384) in rows
    assert {"transcript", "chapter", "summary", "element", "name", "path"} <= {field for field, *_ in rows}
    assert (await stage_of(database, event.file_id, Stage.EMBED)).state == "done"
    subject, body = (await emitted(database, event.file_id))[-1]
    assert subject == "embeddings.ready"
    assert body["moments"] == len(rows)


async def test_each_vector_is_its_own_text_s(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "Today we dig the pond.", "The pump goes in.", "Happy birthday to you.")
    await on_moments_wanted(event, resources)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT text, embedding::text FROM moments JOIN embeddings ON moment_id = id")
        rows = await cursor.fetchall()
    vectors = np.array([[float(value) for value in text.strip("[]").split(",")] for _, text in rows])
    cosines = np.sum(vectors * model.embed_now([text for text, _ in rows]), axis=1)
    np.testing.assert_allclose(cosines, 1.0, atol=2e-3)


async def test_embedded_once_though_delivered_twice(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, resources)
    before = await moment_rows(database)
    with pytest.raises((AlreadyApplied, Superseded)):
        await on_moments_wanted(event, resources)
    assert await moment_rows(database) == before


async def test_nothing_is_left_of_an_embedding_that_failed_first(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    flaky = replace(resources, embedder=FailsFirst())
    with pytest.raises(Transient):
        await on_moments_wanted(event, flaky)
    assert await count(database, "moments") == 0
    await on_moments_wanted(event, flaky)
    assert await count(database, "moments") == await count(database, "embeddings") > 0


async def test_a_new_revision_takes_the_place_of_the_old(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, resources)
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET revision = 2")
        await connection.execute("UPDATE file_stages SET revision = 2, state = 'pending' WHERE stage = 'embed'")
        await connection.execute("UPDATE transcripts SET revision = 2")
        await connection.execute("UPDATE transcript_segments SET text = 'The pump is gone.'")
    await on_moments_wanted(event.model_copy(update={"revision": 2}), resources)
    spoken = [text for field, text, _ in await moment_rows(database) if field == "transcript"]
    assert spoken == ["The pump is gone."]
    assert await count(database, "moments", "revision <> 2") == 0


async def test_without_an_analysis_words_and_names_are_still_found(database: Database, resources: Resources) -> None:
    film = await footage(database, "The pump goes in.", path="/films/Smith/pond.mp4", settled=(*SETTLED, Stage.ANALYSE))
    await on_moments_wanted(NovaFailed(file_id=film.id, revision=1, kind=film.kind, reason="It failed."), resources)
    assert {field for field, *_ in await moment_rows(database)} == {"transcript", "name", "path"}


class Counting:
    """An embedder that notes what it is given."""

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return await model.embed(texts)


async def test_a_file_that_moved_is_found_by_its_new_name_and_nothing_else_is_embedded_again(
    database: Database, resources: Resources
) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, resources)
    run, embedder = new_id(), Counting()
    async with database.transaction() as connection:
        await connection.execute("UPDATE files SET path = '/films/Miller/grotto.mp4'")
        await stages.reopen(connection, Stage.EMBED, [event.file_id], run)
    moved = FileMoved(file_id=event.file_id, revision=1, kind=event.kind, run_id=run, path="/films/Miller/grotto.mp4")
    await on_moments_wanted(moved, replace(resources, embedder=embedder))
    rows = {field: text for field, text, _ in await moment_rows(database)}
    assert (rows["name"], rows["path"], rows["transcript"]) == ("grotto", "films / Miller", "The pump goes in.")
    assert set(embedder.texts) == {"grotto", "films / Miller"}


async def test_an_edited_transcript_is_found_by_its_new_words(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, resources)
    edit = new_id()
    async with database.transaction() as connection:
        await connection.execute("UPDATE transcript_segments SET text = 'The lamp goes in.'")
        await stages.reopen(connection, Stage.EMBED, [event.file_id], edit)
    edited = TranscriptEdited(file_id=event.file_id, revision=1, kind=event.kind, run_id=edit, transcript_id=event.file_id)
    await on_moments_wanted(edited, resources)
    assert [text for field, text, _ in await moment_rows(database) if field == "transcript"] == ["The lamp goes in."]
    assert "chapter" in {field for field, *_ in await moment_rows(database)}


async def test_an_analysis_that_was_asked_for_leads_on(database: Database, resources: Resources) -> None:
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, resources)
    run = new_id()
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.ANALYSE, [event.file_id], run)
    request = NovaRequested(file_id=event.file_id, revision=1, kind=event.kind, run_id=run)
    await on_analysis_wanted(request, resources)
    subject, body = (await emitted(database, event.file_id))[-1]
    assert (subject, body["run_id"]) == ("nova.completed", str(run))
    await on_moments_wanted(NovaCompleted.model_validate(body), resources)
    assert (await stage_of(database, event.file_id, Stage.EMBED)).state == "done"
