"""faster-whisper itself, with the demo's model, on real audio."""

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
from structlog.testing import capture_logs

from cli.demo.command import MODEL
from services.transcribe import whisper as adapter
from services.transcribe.models import ModelMissing
from services.transcribe.settings import WhisperSettings
from services.transcribe.whisper import Whisper, WrongCompute, windows
from tests.support.media import run_ffmpeg
from tests.support.waiting import until

SPEECH = Path(__file__).parents[2] / "data" / "speech" / "two_sentences.flac"
SENTENCES = ["the engineer is in the white studio.", "welcome from the blue river."]
SETTINGS = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu")

NO_CARD = pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a graphics card")


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(SETTINGS, workers=2)


async def test_speech_is_heard_sentence_by_sentence(whisper: Whisper) -> None:
    transcript = await whisper.transcribe(SPEECH)
    assert [segment.text for segment in transcript.segments] == SENTENCES
    assert transcript.language == "en"
    first, second = transcript.segments
    assert first.start == pytest.approx(0.0, abs=0.3)
    assert second.start == pytest.approx(3.0, abs=0.3)
    assert [word.text.strip() for word in second.words] == ["welcome", "from", "the", "blue", "river."]
    assert all(second.start <= word.start <= word.end <= transcript.duration for word in second.words)
    assert -1 < (first.avg_logprob or 0) < 0


async def test_without_voice_detection_it_hears_the_same(tmp_path: Path) -> None:
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": False})).transcribe(SPEECH)
    assert [segment.text for segment in transcript.segments] == SENTENCES


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two sentences over and over: 51 seconds."""
    path = tmp_path_factory.mktemp("audio") / "long.flac"
    run_ffmpeg("-stream_loop", "9", "-i", SPEECH, path)
    return path


@pytest.mark.parametrize("vad", [True, False])
async def test_long_audio_is_in_order_throughout(long: Path, vad: bool) -> None:
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": vad})).transcribe(long)
    assert transcript.duration == pytest.approx(51.4, abs=0.5)
    assert len(transcript.segments) >= 12
    assert transcript.segments[-1].start > 40
    assert all(one.start <= other.start for one, other in pairwise(transcript.segments))
    assert all(segment.text.count(".") == 1 for segment in transcript.segments)


@pytest.mark.parametrize("vad", [True, False])
async def test_silence_has_no_segments(tmp_path: Path, vad: bool) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:duration=3", tmp_path / "silence.flac")
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": vad})).transcribe(tmp_path / "silence.flac")
    assert transcript.segments == ()
    assert transcript.duration == pytest.approx(3.0)


@pytest.mark.parametrize("vad", [True, False])
async def test_nothing_at_all_has_no_segments(tmp_path: Path, vad: bool) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-frames:a", "0", tmp_path / "empty.wav")
    whisper = Whisper(SETTINGS.model_copy(update={"vad": vad}))
    assert (await whisper.transcribe(tmp_path / "empty.wav")).segments == ()


async def test_the_model_is_loaded_once_for_files_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    loads, load = list[str](), adapter.load

    def noted(folder: str, *rest: Any) -> Any:
        loads.append(folder)
        time.sleep(0.1)
        return load(folder, *rest)

    monkeypatch.setattr(adapter, "load", noted)
    whisper = Whisper(SETTINGS, workers=2)
    transcripts = await asyncio.gather(*(whisper.transcribe(SPEECH) for _ in range(4)))
    assert loads == [str(MODEL)]
    assert all([segment.text for segment in transcript.segments] == SENTENCES for transcript in transcripts)


async def test_a_missing_model_fails_the_file_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Set SPILLWAY_WHISPER_MODEL to the folder of a faster-whisper model"):
        await Whisper(WhisperSettings(model=str(tmp_path / "none"))).transcribe(SPEECH)


async def test_a_damaged_model_fails_the_file_with_what_to_do(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((MODEL / name).read_bytes())
    (tmp_path / "model.bin").write_bytes((MODEL / "model.bin").read_bytes()[:1000])
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        await Whisper(SETTINGS.model_copy(update={"model": str(tmp_path)})).transcribe(SPEECH)


async def test_an_impossible_compute_type_fails_the_file_with_what_to_do() -> None:
    with pytest.raises(WrongCompute, match=r"SPILLWAY_WHISPER_COMPUTE_TYPE=int7.*Leave the setting at `default`"):
        await Whisper(SETTINGS.model_copy(update={"compute_type": "int7"})).transcribe(SPEECH)


@NO_CARD
async def test_a_graphics_card_that_does_not_work_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    with capture_logs() as logs:
        transcript = await Whisper(SETTINGS.model_copy(update={"device": "auto"})).transcribe(SPEECH)
    assert [segment.text for segment in transcript.segments] == SENTENCES
    assert "the graphics card cannot be used, the processor is" in [line["event"] for line in logs]


@NO_CARD
async def test_a_graphics_card_that_is_asked_for_is_not_done_without() -> None:
    with pytest.raises((ModelMissing, WrongCompute)):
        await Whisper(SETTINGS.model_copy(update={"device": "cuda"})).transcribe(SPEECH)


async def test_cancelling_stops_within_a_batch(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, seen = Whisper(SETTINGS.model_copy(update={"batch_size": 1})), list[float]()
    followed = adapter.followed

    def noted(*arguments: Any) -> Iterator[Any]:
        for segment in followed(*arguments):
            seen.append(segment.start)
            yield segment

    monkeypatch.setattr(adapter, "followed", noted)
    task = asyncio.create_task(whisper.transcribe(long))
    await until(lambda: bool(seen))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(1.0)
    assert seen[-1] < 35


async def test_progress_is_noted_now_and_then(whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "LOG_EVERY", 0.0)
    with capture_logs() as logs:
        await whisper.transcribe(SPEECH)
    told = [line for line in logs if line["event"] == "transcribing"]
    assert [line["of"] for line in told] == [5.1, 5.1]
    assert told[0]["seconds"] < told[1]["seconds"]


def test_windows_cover_the_file() -> None:
    assert windows(31.0, 15) == [{"start": 0.0, "end": 15.0}, {"start": 15.0, "end": 30.0}, {"start": 30.0, "end": 31.0}]
    assert windows(0.0, 15) == []
