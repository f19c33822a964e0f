"""Proxies go in; transcripts, or reasons why there is none, come out, once, whatever fails on the way."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from services.transcribe import repository
from services.transcribe.diarizer import DiarizationFailed, load
from services.transcribe.handlers import Resources, on_proxy_failed, on_proxy_ready, on_transcript_requested
from services.transcribe.transcript import Making
from shared.blobs import Blobs
from shared.contracts import Kind, ProxyFailed, Stage
from shared.database import Database
from shared.errors import BadMedia, BlobsUnavailable, Superseded
from tests.support.imported import emitted, imported
from tests.support.library import count, stage_of
from tests.support.media import run_ffmpeg
from tests.support.sounding import SEGMENTS, asked_again, proxied, rows
from tests.support.speech import TWO_SENTENCES as SPEECH

pytestmark = pytest.mark.connected


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


async def test_what_the_model_says_of_its_hearing_is_kept(resources: Resources, database: Database, blobs: Blobs) -> None:
    event = await proxied(database, blobs)
    await on_proxy_ready(event, resources)
    first, second = await rows(database, SEGMENTS)
    assert 0 < first["compression_ratio"] < 2
    assert (first["temperature"], first["doubts"], first["speaker"], first["locked"]) == (0.0, [], None, False)
    assert -1 < second["avg_logprob"] < 0 <= second["no_speech"] < 0.5


async def test_doubts_are_written_down(resources: Resources, database: Database, blobs: Blobs, tmp_path: Path) -> None:
    run_ffmpeg("-t", "2.5", "-i", SPEECH, tmp_path / "one.flac")
    run_ffmpeg("-stream_loop", "5", "-i", tmp_path / "one.flac", tmp_path / "again.flac")
    event = await proxied(database, blobs, audio=tmp_path / "again.flac")
    await on_proxy_ready(event, resources)
    doubtful = await rows(database, "SELECT * FROM transcript_segments WHERE doubts <> '[]'")
    assert len(doubtful) >= 3
    assert doubtful[0]["doubts"][0]["kind"] == "repetition"
    assert doubtful[0]["doubts"][0]["reason"].endswith("times in a row; the model may have got stuck.")


async def test_speakers_are_told_apart_by_an_engine_that_is_installed(
    resources: Resources, database: Database, blobs: Blobs
) -> None:
    event = await proxied(database, blobs)
    with_engine = replace(resources, diarizer=load("tests.support.diarizing:HalfAndHalf"))
    await on_proxy_ready(event, with_engine)
    assert [row["speaker"] for row in await rows(database, SEGMENTS)] == ["Anna", "Ben"]
    words = (await rows(database, SEGMENTS))[1]["words"]
    assert {word["speaker"] for word in words} == {"Ben"}
    [transcript] = await rows(database, "SELECT * FROM transcripts")
    assert transcript["settings"]["diarizer"] == "tests.support.diarizing:HalfAndHalf"
    await on_transcript_requested(await asked_again(database, event), resources)
    assert await count(database, "transcripts") == 2


async def test_an_engine_that_fails_fails_the_file_and_costs_no_hearing(
    resources: Resources, database: Database, blobs: Blobs
) -> None:
    event = await proxied(database, blobs)
    with pytest.raises(DiarizationFailed):
        await on_proxy_ready(event, replace(resources, diarizer=load("tests.support.diarizing:Broken")))
    assert await count(database, "transcripts") == 0
    assert await count(database, "transcript_windows") == 1


@pytest.mark.parametrize("content", [b"", b"no sound", SPEECH.read_bytes()[:50_000]])
async def test_damaged_sound_fails_the_file_with_what_to_do(
    resources: Resources, database: Database, blobs: Blobs, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "damaged.flac").write_bytes(content)
    event = await proxied(database, blobs, audio=tmp_path / "damaged.flac")
    with pytest.raises(BadMedia, match="Have its proxy made again"):
        await on_proxy_ready(event, resources)
    assert await count(database, "transcripts") == 0


def test_a_transcript_is_told_from_others_by_content_model_task_and_settings() -> None:
    event = ProxyFailed(file_id=UUID(int=1), revision=1, kind=Kind.VIDEO, reason="")
    making = Making("small", "transcribe", {"vad": True, "beam_size": 5})
    one = repository.transcript_id(event, making)
    assert one == repository.transcript_id(event, replace(making, settings={"beam_size": 5, "vad": True}))
    others = {
        repository.transcript_id(event, replace(making, model="large")),
        repository.transcript_id(event, replace(making, task="translate")),
        repository.transcript_id(event, replace(making, settings={"vad": False, "beam_size": 5})),
        repository.transcript_id(event.model_copy(update={"revision": 2}), making),
    }
    assert len({one, *others}) == 5
