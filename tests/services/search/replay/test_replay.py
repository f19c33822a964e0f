"""Replay over HTTP: told first, then done, to one consumer alone."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from nats.js import JetStreamContext

from services.ingest.batches.handlers import on_batch_requested
from services.search.replay import replaying
from services.search.replay.schemas import Replay
from services.search.replay.verdicts import Act
from shared import jobs, stages, topology
from shared.contracts import (
    BatchRequested,
    FileIngested,
    ImportRequested,
    Kind,
    ProxyReady,
    Stage,
    StageState,
    TranscriptRequested,
    TranscriptSkipped,
)
from shared.database import Database
from shared.identifiers import new_id
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.services.search.nova.asking import budget
from tests.support.asking import asked_for, file_at, job_of, results_of
from tests.support.delivering import reacting, settled, working
from tests.support.library import about, count, stage_of
from tests.support.replaying import Repaired, publish_waiting, tell

pytestmark = pytest.mark.connected


async def replay(http: httpx.AsyncClient, consumer: str, *, key: str | None = None, **ask: Any) -> Replay:
    headers = {"Idempotency-Key": key} if key else {}
    response = await http.post("/api/events/replay", json={"consumer": consumer, **ask}, headers=headers)
    assert response.status_code == 200, response.text
    return Replay.model_validate_json(response.content)


async def refused(http: httpx.AsyncClient, code: int, *, key: str | None = None, **ask: Any) -> str:
    headers = {"Idempotency-Key": key} if key else {}
    response = await http.post("/api/events/replay", json=ask, headers=headers)
    assert response.status_code == code, response.text
    return str(response.json()["detail"])


def ready(file_id: UUID, revision: int = 1) -> ProxyReady:
    return ProxyReady(file_id=file_id, revision=revision, kind=Kind.VIDEO, renditions={}, has_speech_track=True)


def ingested(file_id: UUID) -> FileIngested:
    return FileIngested(file_id=file_id, revision=1, kind=Kind.VIDEO, path="/a/clip.mp4", size=1, fingerprint="00")


@pytest.fixture
async def library(database: Database) -> dict[str, UUID]:
    """Files in states that differ, and what was told of them."""
    async with database.transaction() as connection:
        files = {
            "clip": await file_at(connection, "/a/clip.mp4"),
            "film": await file_at(connection, "/a/film.mp4", proxy="failed"),
            "busy": await file_at(connection, "/a/busy.mp4", proxy="pending"),
            "changed": await file_at(connection, "/a/changed.mp4"),
        }
        await connection.execute("UPDATE files SET revision = 2 WHERE id = %s", (files["changed"],))
    await tell(database, *(ingested(file_id) for file_id in files.values()), ready(files["clip"]))
    return files


async def test_a_dry_run_tells_what_would_change_and_changes_nothing(
    http: httpx.AsyncClient, database: Database, library: dict[str, UUID]
) -> None:
    told = await replay(http, "proxy", since="2026-01-01T00:00:00Z")
    assert (told.consumer, told.stage, told.applied, told.chosen) == ("proxy", Stage.PROXY, False, 5)
    assert told.acts == {"rerun": 2, "send": 0, "nothing": 3}
    assert told.reasons == {"run_again": 2, "waits_already": 1, "superseded": 1, "not_for_this_consumer": 1}
    sentences = {event.path: event.sentence for event in told.events if event.subject == "file.ingested"}
    assert sentences["/a/clip.mp4"].startswith("Runs proxy of clip.mp4 again (last done 20")
    assert sentences["/a/film.mp4"].startswith("Runs proxy of film.mp4 again (last failed 20")
    assert "revision 2" in sentences["/a/changed.mp4"]
    assert (await count(database, "jobs"), await count(database, "outbox")) == (0, 5)
    short = await replay(http, "proxy", since="2026-01-01T00:00:00Z", limit=1)
    assert (len(short.events), short.untold, short.events[0].act) == (1, 4, "rerun")


async def test_a_replay_has_the_stage_run_again_and_no_other_consumer_takes_part(
    settings: PlatformSettings,
    platform: Platform,
    http: httpx.AsyncClient,
    database: Database,
    stream: JetStreamContext,
    library: dict[str, UUID],
) -> None:
    done = await replay(http, "proxy", file_id=str(library["clip"]), apply=True)
    assert done.job_id is not None
    assert (done.applied, done.acts[Act.RERUN]) == (True, 1)
    job = await job_of(database, done.job_id)
    assert (job.kind, job.request["file_ids"], job.request["force"]) == ("proxy", [str(library["clip"])], True)
    await on_batch_requested(BatchRequested(job_id=done.job_id), platform)
    await publish_waiting(database, stream)
    handler, other = Repaired(platform, mended=True), Repaired(platform)
    async with working(settings, database, stream, reacting(topology.PROXY, handler), reacting(topology.TRANSCRIBE, other)):
        await settled(stream, topology.PROXY.durable)
        await settled(stream, topology.TRANSCRIBE.durable)
    assert [event.run_id for event in handler.seen if event.run_id] == [done.job_id]
    assert done.job_id not in {event.run_id for event in other.seen}
    assert await results_of(database, done.job_id) == {"/a/clip.mp4": ("done", None)}
    assert (await job_of(database, done.job_id)).state == "done"
    assert (await stage_of(database, library["clip"], Stage.PROXY)).state == "done"


async def test_the_same_key_is_the_same_replay(
    http: httpx.AsyncClient, platform: Platform, database: Database, library: dict[str, UUID]
) -> None:
    first = await replay(http, "proxy", key="once", file_id=str(library["clip"]), apply=True)
    assert first.job_id is not None
    await on_batch_requested(BatchRequested(job_id=first.job_id), platform)
    assert await replay(http, "proxy", key="once", file_id=str(library["clip"]), apply=True) == first
    assert await count(database, "jobs") == 1
    other = {"consumer": "proxy", "file_id": str(library["film"]), "apply": True}
    assert "Idempotency-Key" in await refused(http, 422, key="once", **other)


async def test_requests_keep_their_options_and_their_lane(
    http: httpx.AsyncClient, platform: Platform, database: Database, library: dict[str, UUID]
) -> None:
    def asked(name: str, language: str) -> TranscriptRequested:
        return TranscriptRequested.model_validate(
            {
                **about(library[name]).model_dump(),
                "run_id": uuid4(),
                "priority": "interactive",
                "options": {"language": language},
            }
        )

    german, french = asked("clip", "de"), asked("film", "fr")
    await tell(database, german, french)
    choice: dict[str, Any] = {"subject": ["transcript.requested"]}
    assert "options" in await refused(http, 422, consumer="transcribe-express", **choice)
    done = await replay(http, "transcribe-express", job_id=str(german.run_id), apply=True)
    assert done.job_id is not None
    await on_batch_requested(BatchRequested(job_id=done.job_id), platform)
    [event] = await asked_for(database, done.job_id)
    assert (event.body["options"], event.body["priority"]) == ({"language": "de"}, "interactive")
    bulk = await replay(http, "transcribe", **choice)
    assert bulk.reasons == {"not_for_this_consumer": 3}


async def test_nothing_to_do_begins_nothing(http: httpx.AsyncClient, database: Database, library: dict[str, UUID]) -> None:
    done = await replay(http, "nova-embed", file_id=str(library["clip"]), apply=True)
    assert (done.applied, done.job_id, done.acts[Act.NOTHING]) == (True, None, 2)
    assert await count(database, "jobs") == 0


async def test_a_consumer_of_jobs_gets_the_event_of_a_job_that_failed(
    http: httpx.AsyncClient, database: Database, stream: JetStreamContext
) -> None:
    failed, ended = new_id(), new_id()
    await tell(database, ImportRequested(job_id=failed), ImportRequested(job_id=ended))
    await publish_waiting(database, stream)
    async with database.transaction() as connection:
        insert = "INSERT INTO jobs (id, kind, request, state, error, finished_at) VALUES (%s, 'import', '{}', %s, 'x', now())"
        await connection.execute(insert, (failed, "failed"))
        await connection.execute(insert, (ended, "done"))
    done = await replay(http, "ingest", subject=["import.requested"], apply=True)
    assert (done.job_id, done.acts[Act.SEND], done.reasons) == (None, 1, {"sent_again": 1, "job_ended": 1})
    job = await job_of(database, failed)
    assert (job.state, job.error, job.finished_at) == ("pending", None, None)
    await publish_waiting(database, stream)
    assert (await stream.stream_info("SPILLWAY")).state.messages == 3
    again = await replay(http, "ingest", subject=["import.requested"], apply=True)
    assert again.reasons == {"waits_already": 1, "job_ended": 1}
    async with database.connection() as connection:
        assert (await jobs.find(connection, ended)).state == "done"


async def test_an_analysis_tells_its_price_and_is_held_to_the_budget(paid: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        film = await file_at(connection, "/a/film.mp4", duration=600.0)
    await tell(database, TranscriptSkipped(**about(film).model_dump(exclude={"run_id"}), reason="Nobody speaks."))
    told = await replay(paid, "analyse", file_id=str(film))
    assert (told.consumer, told.acts[Act.RERUN], told.refused) == ("nova-analyse", 1, None)
    assert told.cost is not None
    assert told.cost.usd_high > 0
    await budget(database, "day", 0.000001)
    foreseen = await replay(paid, "analyse", file_id=str(film))
    assert foreseen.refused
    assert await refused(paid, 409, consumer="analyse", file_id=str(film), apply=True) == foreseen.refused
    assert await count(database, "jobs") == 0


async def test_what_is_asked_wrongly_is_refused(
    http: httpx.AsyncClient, database: Database, library: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Say which events" in await refused(http, 422, consumer="proxy")
    assert "no consumer" in await refused(http, 422, consumer="billing", subject=["proxy.ready"])
    assert "no subject" in await refused(http, 422, consumer="proxy", subject=["proxy"])
    monkeypatch.setattr(replaying, "MOST", 2)
    assert "choose fewer" in await refused(http, 422, consumer="proxy", subject=["file.ingested"])


async def test_what_failed_by_another_run_is_seen_as_it_is_now(
    http: httpx.AsyncClient, database: Database, library: dict[str, UUID]
) -> None:
    run = uuid4()
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.PROXY, [library["clip"]], run)
        await stages.settle(connection, about(library["clip"], run_id=run), Stage.PROXY, StageState.FAILED, "Damaged.")
    told = await replay(http, "proxy", file_id=str(library["clip"]), subject=["file.ingested"])
    assert "last failed" in told.events[0].sentence
