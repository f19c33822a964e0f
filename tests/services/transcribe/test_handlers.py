"""Proxies go in; transcripts, or reasons why there is none, come out, once, whatever fails on the way."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from cli.demo.command import MODEL
from services.transcribe import repository
from services.transcribe.handlers import Resources, on_proxy_failed, on_proxy_ready
from services.transcribe.settings import WhisperSettings
from services.transcribe.whisper import Whisper
from shared.blobs import Blobs
from shared.contracts import Kind, ProxyFailed, ProxyReady, Stage
from shared.database import Database
from shared.errors import BlobsUnavailable, Superseded
from shared.service import Platform
from tests.support.imported import emitted, imported
from tests.support.library import count, stage_of

pytestmark = pytest.mark.connected

SPEECH = Path(__file__).parents[2] / "data" / "speech" / "two_sentences.flac"


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu"))


@pytest.fixture
def resources(platform: Platform, whisper: Whisper) -> Resources:
    return Resources(platform, whisper)


async def proxied(database: Database, blobs: Blobs, *, audio: Path | None = SPEECH, kind: Kind = Kind.VIDEO) -> ProxyReady:
    event = await imported(database, SPEECH, kind)
    keys = {}
    if audio:
        keys["audio"] = f"proxy/{event.file_id}/r1/clip_{event.file_id}_16khz.flac"
        await blobs.put_file(audio, keys["audio"], "audio/flac")
    return ProxyReady(file_id=event.file_id, revision=1, kind=kind, renditions=keys, has_speech_track=audio is not None)


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode())
        return await cursor.fetchall()


async def test_speech_is_written_down_by_sentence_and_word(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)

    [transcript] = await rows(database, "SELECT * FROM transcripts")
    assert (transcript["model"], transcript["language"], transcript["revision"]) == ("model", "en", 1)
    assert transcript["duration"] == pytest.approx(5.4, abs=0.5)
    assert transcript["settings"]["chunk_length"] == 15
    first, second = await rows(database, "SELECT * FROM transcript_segments ORDER BY position")
    assert (first["position"], first["text"]) == (0, "the engineer is in the white studio.")
    assert (second["position"], second["text"]) == (1, "welcome from the blue river.")
    assert [word["text"] for word in second["words"]] == ["welcome", "from", "the", "blue", "river."]
    assert 0 <= first["start_s"] < first["end_s"] <= second["start_s"] < second["end_s"] <= transcript["duration"]
    assert (await stage_of(database, event.file_id, Stage.TRANSCRIBE)).state == "done"
    [(subject, body)] = await emitted(database, event.file_id)
    assert (subject, body["segments"], body["model"], body["language"]) == ("transcript.ready", 2, "model", "en")
    assert body["transcript_id"] == str(transcript["id"])


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(Kind.IMAGE, "A photo has no sound."), (Kind.VIDEO, "The video has no audio track that can be read.")],
)
async def test_what_has_no_sound_is_skipped_and_says_why(
    resources: Resources, database: Database, blobs: Blobs, kind: Kind, reason: str
) -> None:
    event = await proxied(database, blobs, audio=None, kind=kind)
    await on_proxy_ready(event, resources)
    stage = await stage_of(database, event.file_id, Stage.TRANSCRIBE)
    assert (stage.state, stage.reason) == ("skipped", reason)
    [(subject, body)] = await emitted(database, event.file_id)
    assert (subject, body["reason"]) == ("transcript.skipped", reason)


async def test_without_a_proxy_there_is_no_transcript(resources: Resources, database: Database) -> None:
    event = await imported(database, SPEECH)
    failed = ProxyFailed(file_id=event.file_id, revision=1, kind=event.kind, reason="The file is damaged.")
    await on_proxy_failed(failed, resources)
    stage = await stage_of(database, event.file_id, Stage.TRANSCRIBE)
    assert (stage.state, stage.reason) == ("skipped", "No audio could be read from the file, since no proxy could be made.")


async def test_delivered_twice_is_done_once(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    with pytest.raises(Superseded):
        await on_proxy_ready(event, resources)
    assert await count(database, "transcripts") == 1
    assert await count(database, "transcript_segments") == 2
    assert len(await emitted(database, event.file_id)) == 1


async def test_a_store_that_is_away_leaves_nothing_and_the_second_try_works(
    resources: Resources, database: Database, blobs: Blobs
) -> None:
    event = await proxied(database, blobs)
    dead = Blobs(resources.platform.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    with pytest.raises(BlobsUnavailable):
        await on_proxy_ready(event, replace(resources, platform=replace(resources.platform, blobs=dead)))
    assert await count(database, "transcripts") + await count(database, "inbox") == 0
    await on_proxy_ready(event, resources)
    assert await count(database, "transcript_segments") == 2


async def test_doing_it_again_writes_the_same_transcript(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    async with database.transaction() as connection:
        await connection.execute("UPDATE file_stages SET state = 'pending'")
        await connection.execute("DELETE FROM inbox")
        await connection.execute("UPDATE transcript_segments SET text = 'stale'")
    await on_proxy_ready(event, resources)
    assert await count(database, "transcripts") == 1
    assert await count(database, "transcript_segments") == 2
    assert await count(database, "transcript_segments", "text = 'stale'") == 0


def test_a_transcript_is_told_from_others_by_content_model_and_settings() -> None:
    event = ProxyFailed(file_id=UUID(int=1), revision=1, kind=Kind.VIDEO, reason="")
    one = repository.transcript_id(event, "small", {"vad": True, "beam_size": 5})
    assert one == repository.transcript_id(event, "small", {"beam_size": 5, "vad": True})
    others = {
        repository.transcript_id(event, "large", {"vad": True, "beam_size": 5}),
        repository.transcript_id(event, "small", {"vad": False, "beam_size": 5}),
        repository.transcript_id(event.model_copy(update={"revision": 2}), "small", {"vad": True, "beam_size": 5}),
    }
    assert len({one, *others}) == 4
