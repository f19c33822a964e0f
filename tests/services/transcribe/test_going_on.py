"""What is kept of a transcription under way, and when it ends."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.transcribe import hearing, listening, repository
from services.transcribe.handlers import Resources, on_proxy_ready, on_transcript_requested
from services.transcribe.transcript import Segment, Window, Word
from services.transcribe.whisper import Whisper
from shared import stages
from shared.blobs import Blobs
from shared.contracts import Stage
from shared.database import Database
from shared.errors import Superseded
from tests.support.library import count
from tests.support.sounding import SETTINGS, asked_again, proxied, requested, rows
from tests.support.speech import narration
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

COMPARED = """
    SELECT position, start_s, end_s, text, words, doubts, avg_logprob, no_speech, compression_ratio FROM transcript_segments
    ORDER BY position
"""


class Interrupted(Exception):
    """The worker dies here."""


async def test_the_second_try_goes_on_after_the_windows_of_the_first(
    resources: Resources, database: Database, blobs: Blobs, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await proxied(database, blobs, audio=narration(samples, tmp_path / "talk.flac", seconds=150))
    windowed = replace(resources, transcriber=Whisper(SETTINGS.model_copy(update={"window": 60})))
    heard, hear = list[float](), hearing.hear

    def until_the_second(model: Any, sounding: Any, *rest: Any) -> Any:
        if len(heard) == 1:
            heard.append(0.0)
            raise Interrupted
        heard.append(sounding.seconds)
        return hear(model, sounding, *rest)

    monkeypatch.setattr(listening, "hear", until_the_second)
    with pytest.raises(Interrupted):
        await on_proxy_ready(event, windowed)
    [window] = await rows(database, "SELECT * FROM transcript_windows")
    assert (window["position"], window["start_s"], window["language"]) == (0, 0.0, "en")
    assert window["end_s"] == heard[0]
    await on_proxy_ready(event, windowed)
    assert sum(heard) == pytest.approx(150.0)
    assert await count(database, "transcript_windows") == 0
    monkeypatch.undo()

    resumed = await rows(database, COMPARED)
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM transcripts")
    await on_transcript_requested(await asked_again(database, event), windowed)
    assert await rows(database, COMPARED) == resumed


async def test_work_that_is_called_off_ends_within_a_window(
    resources: Resources, database: Database, blobs: Blobs, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await proxied(database, blobs, audio=narration(samples, tmp_path / "talk.flac", seconds=300))
    event = await asked_again(database, first)
    windowed = replace(resources, transcriber=Whisper(SETTINGS.model_copy(update={"window": 60})))
    called_off, heard, hear = threading.Event(), list[float](), hearing.hear

    def slowly(model: Any, sounding: Any, *rest: Any) -> Any:
        heard.append(sounding.seconds)
        assert len(heard) == 1 or called_off.wait(30)
        return hear(model, sounding, *rest)

    async def one_is_done() -> bool:
        return await count(database, "transcript_windows") == 1

    monkeypatch.setattr(listening, "hear", slowly)
    work = asyncio.create_task(on_transcript_requested(event, windowed))
    await until_so(one_is_done, within=30)
    async with database.transaction() as connection:
        await stages.restore(connection, Stage.TRANSCRIBE, event.run_id)
    called_off.set()
    with pytest.raises(Superseded):
        await work
    assert len(heard) <= 2
    assert await count(database, "transcripts") == 0


async def test_a_window_of_work_that_is_called_off_is_not_kept(database: Database, blobs: Blobs) -> None:
    event = await requested(database, blobs)
    window = Window(0, 0.0, 10.0, None, ())
    async with database.transaction() as connection:
        await repository.keep_window(connection, event, uuid4(), window)
        await stages.restore(connection, Stage.TRANSCRIBE, event.run_id)
    async with database.connection() as connection:
        with pytest.raises(Superseded):
            await repository.keep_window(connection, event, uuid4(), window)


async def test_windows_are_read_back_to_the_last_digit(database: Database, blobs: Blobs) -> None:
    event, identifier = await requested(database, blobs), uuid4()
    word = Word(0.1, 0.30000000000000004, " river", 0.123456789012345)
    segment = Segment(0.1, 1 / 3, "river", (word,), -0.1, None, 0.5, 0.0, 1.0, -16.1)
    windows = [Window(0, 0.0, 4097 / 16000, None, ()), Window(1, 4097 / 16000, 60.0, "en", (segment, segment))]
    async with database.transaction() as connection:
        for window in (windows[1], windows[0], windows[1]):
            await repository.keep_window(connection, event, identifier, window)
        assert await repository.windows_of(connection, identifier) == windows
        assert await repository.windows_of(connection, uuid4()) == []
