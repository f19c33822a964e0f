"""A worker that is killed in the middle of a long file: its successor goes on, and nobody can tell from the transcript."""

import json
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext
from psycopg.rows import dict_row

from cli.demo.command import MODEL
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Segment
from services.transcribe.whisper import Whisper
from shared.blobs import Blobs
from shared.contracts import ProxyReady, Stage
from shared.database import Database
from tests.support.delivering import publish
from tests.support.imported import imported
from tests.support.library import count, stage_of
from tests.support.processes import service
from tests.support.speech import narration
from tests.support.waiting import until_so

pytestmark = [pytest.mark.connected, pytest.mark.timeout(600)]

SECONDS = 600
SETTINGS = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu", language="en", window=60)
ENVIRONMENT = {
    "SPILLWAY_WHISPER_MODEL": str(MODEL),
    "SPILLWAY_WHISPER_CHUNK_LENGTH": "15",
    "SPILLWAY_WHISPER_DEVICE": "cpu",
    "SPILLWAY_WHISPER_LANGUAGE": "en",
    "SPILLWAY_WHISPER_WINDOW": "60",
    "SPILLWAY_ACK_WAIT": "3",
    "SPILLWAY_LOG_FORMAT": "json",
}


def windows_in(log: Path) -> list[int]:
    """Positions of the windows that a service says it heard."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line["position"] for line in lines if line["event"] == "window heard"]


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode())
        return await cursor.fetchall()


def as_row(position: int, segment: Segment) -> dict[str, Any]:
    """A segment as it is expected in the database."""
    words = [
        {"start": word.start, "end": word.end, "text": word.text.strip(), "probability": round(word.probability, 4)}
        for word in segment.words
    ]
    doubts = [doubt._asdict() for doubt in segment.doubts]
    measures = {name: getattr(segment, name) for name in ("avg_logprob", "no_speech", "compression_ratio", "temperature")}
    told = {"start_s": segment.start, "end_s": segment.end, "text": segment.text, "words": words, "doubts": doubts}
    return {"position": position, **told, **measures}


async def test_a_killed_worker_s_successor_goes_on_and_the_transcript_is_the_same(
    stack_environment: dict[str, str],
    database: Database,
    stream: JetStreamContext,
    blobs: Blobs,
    samples: Path,
    tmp_path: Path,
) -> None:
    audio = narration(samples, tmp_path / "talk.flac", seconds=SECONDS)
    ingested = await imported(database, audio)
    key = f"proxy/{ingested.file_id}/r1/talk.flac"
    await blobs.put_file(audio, key, "audio/flac")
    ready = ProxyReady(
        file_id=ingested.file_id, revision=1, kind=ingested.kind, renditions={"audio": key}, has_speech_track=True
    )
    await publish(stream, ready)

    async def past_the_middle() -> bool:
        return await count(database, "transcript_windows", f"end_s >= {0.55 * SECONDS}") > 0

    async def settled() -> bool:
        return (await stage_of(database, ingested.file_id, Stage.TRANSCRIBE)).state != "pending"

    with service("transcribe", {**stack_environment, **ENVIRONMENT}, tmp_path / "first.log") as first:
        await until_so(past_the_middle, within=240)
        first.kill()
    kept = await rows(database, "SELECT position, end_s FROM transcript_windows ORDER BY position")
    assert await count(database, "transcripts") == 0
    assert kept[-1]["end_s"] < SECONDS, "it was killed too late to show anything"

    with service("transcribe", {**stack_environment, **ENVIRONMENT}, tmp_path / "second.log"):
        await until_so(settled, within=240)
    assert (await stage_of(database, ingested.file_id, Stage.TRANSCRIBE)).state == "done"
    assert [row["position"] for row in kept] == list(range(len(kept)))
    again = windows_in(tmp_path / "second.log")
    assert again == list(range(len(kept), len(kept) + len(again)))
    assert len(kept) >= 5
    assert again
    assert await count(database, "transcript_windows") == 0

    whole = await Whisper(SETTINGS).transcribe(audio)
    columns = "position, start_s, end_s, text, words, doubts, avg_logprob, no_speech, compression_ratio, temperature"
    saved = await rows(database, f"SELECT {columns} FROM transcript_segments ORDER BY position")
    assert saved == [as_row(position, segment) for position, segment in enumerate(whole.segments)]
    assert len(saved) > 150
