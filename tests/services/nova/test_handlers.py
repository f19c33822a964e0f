"""The nova service on the real database."""

from dataclasses import replace

import pytest

from services.nova.analyst import Analysis, Course, Errand, Material
from services.nova.embedding.handlers import on_moments_wanted
from services.nova.handlers import Resources, on_analysis_wanted
from services.nova.local.analyst import LocalAnalyst
from shared import stages
from shared.contracts import (
    NovaCompleted,
    NovaRequested,
    Stage,
    TranscriptFailed,
    TranscriptSkipped,
)
from shared.database import Database
from shared.errors import AlreadyApplied, Superseded, Transient
from shared.identifiers import new_id
from shared.service import Platform
from tests.support.embedding import embedders_of, embedding_of
from tests.support.footage import Footage, add_footage
from tests.support.imported import emitted
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected


class FailsFirst:
    """An analyst whose first call ends in a passing error."""

    def __init__(self) -> None:
        self.calls = 0

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        self.calls += 1
        if self.calls == 1:
            raise Transient("Not yet.")
        return await LocalAnalyst().analyse(material, errand, course)


@pytest.fixture
def resources(platform: Platform) -> Resources:
    return Resources(platform.database, platform.effects, LocalAnalyst())


async def footage(database: Database, *sentences: str, **options: object) -> Footage:
    async with database.transaction() as connection:
        return await add_footage(connection, *sentences, **options)  # type: ignore[arg-type]


async def analysed(database: Database, resources: Resources, *sentences: str) -> NovaCompleted:
    """A file that is analysed; answers with the event that says so."""
    film = await footage(database, *sentences, path="/films/Smith/pond_build.mp4")
    await on_analysis_wanted(film.transcribed, resources)
    [(_, body)] = await emitted(database, film.id)
    return NovaCompleted.model_validate(body)


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


async def test_an_analysis_that_was_asked_for_leads_on(platform: Platform, database: Database, resources: Resources) -> None:
    embedding = embedding_of(platform, embedders_of(database, embedder="local"))
    event = await analysed(database, resources, "The pump goes in.")
    await on_moments_wanted(event, embedding)
    run = new_id()
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.ANALYSE, [event.file_id], run)
    request = NovaRequested(file_id=event.file_id, revision=1, kind=event.kind, run_id=run)
    await on_analysis_wanted(request, resources)
    subject, body = (await emitted(database, event.file_id))[-1]
    assert (subject, body["run_id"]) == ("nova.completed", str(run))
    await on_moments_wanted(NovaCompleted.model_validate(body), embedding)
    assert (await stage_of(database, event.file_id, Stage.EMBED)).state == "done"
