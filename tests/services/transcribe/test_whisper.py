"""faster-whisper itself, with the demo's model, on real audio."""

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from faster_whisper import BatchedInferencePipeline
from structlog.testing import capture_logs

from cli.demo.command import MODEL
from services.transcribe import hearing, listening
from services.transcribe.loading import Loader
from services.transcribe.models import ModelMissing
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Window
from services.transcribe.whisper import Whisper
from shared.errors import Invalid
from shared.transcription import TranscriptionOptions
from tests.support.media import run_ffmpeg
from tests.support.speech import TWO_SENTENCES as SPEECH
from tests.support.speech import narration
from tests.support.waiting import until

SENTENCES = ["the engineer is in the white studio.", "welcome from the blue river."]
SETTINGS = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu")


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
    assert (first.voice, first.temperature, first.doubts) == (1.0, 0.0, ())
    assert -30 < (first.level or 0) < -5


async def test_without_voice_detection_it_hears_the_same(tmp_path: Path) -> None:
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": False})).transcribe(SPEECH)
    assert [segment.text for segment in transcript.segments] == SENTENCES


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two sentences over and over: 154 seconds."""
    path = tmp_path_factory.mktemp("audio") / "long.flac"
    run_ffmpeg("-stream_loop", "29", "-i", SPEECH, path)
    return path


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Three minutes of the samples' speech."""
    return narration(samples, tmp_path_factory.mktemp("audio") / "talk.flac", seconds=180)


@pytest.mark.parametrize("vad", [True, False])
async def test_long_audio_is_in_order_throughout(long: Path, vad: bool) -> None:
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": vad, "window": 60})).transcribe(long)
    assert transcript.duration == pytest.approx(154.2, abs=0.5)
    assert len(transcript.segments) >= 40
    assert transcript.segments[-1].start > 140
    assert all(one.start <= other.start for one, other in pairwise(transcript.segments))
    assert all(segment.text.count(".") == 1 for segment in transcript.segments)


async def test_windows_follow_each_other_and_hold_the_transcript(talk: Path) -> None:
    windows, told = list[Window](), list[tuple[float, float | None]]()

    async def keep(window: Window) -> None:
        windows.append(window)

    whisper = Whisper(SETTINGS.model_copy(update={"window": 60}))
    transcript = await whisper.transcribe(talk, keep=keep, report=lambda done, total: told.append((done, total)))
    assert [window.position for window in windows] == list(range(len(windows)))
    assert len(windows) >= 3
    assert [window.end for window in windows[:-1]] == [window.start for window in windows[1:]]
    assert all(45 <= window.end - window.start <= 60 for window in windows[:-1])
    assert (windows[0].start, windows[-1].end) == (0.0, transcript.duration) == (0.0, 180.0)
    assert [segment.text for window in windows for segment in window.segments] == [
        segment.text for segment in transcript.segments
    ]
    assert all(window.start <= segment.start <= segment.end <= window.end for window in windows for segment in window.segments)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} == {180.0}
    assert told[-1] == (180.0, 180.0)


async def test_one_goes_on_after_the_windows_that_are_done(talk: Path) -> None:
    whisper = Whisper(SETTINGS.model_copy(update={"window": 60}))
    windows = list[Window]()

    async def keep(window: Window) -> None:
        windows.append(window)

    whole = await whisper.transcribe(talk, keep=keep)
    done, again = windows[:2], list[Window]()

    async def keep_again(window: Window) -> None:
        again.append(window)

    assert await whisper.transcribe(talk, done=done, keep=keep_again) == whole
    assert again == windows[2:]
    assert await whisper.transcribe(talk, done=windows) == whole


async def test_a_window_that_cannot_be_kept_ends_the_work(talk: Path) -> None:
    async def refuse(window: Window) -> None:
        raise Invalid("no room")

    with pytest.raises(Invalid, match="no room"):
        await Whisper(SETTINGS.model_copy(update={"window": 60})).transcribe(talk, keep=refuse)


async def test_the_language_is_kept_from_the_first_window_with_speech(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, hear = list[str | None](), hearing.hear

    def noted(model: Any, sounding: Any, settings: Any, language: str | None, *rest: Any) -> Any:
        asked.append(language)
        return hear(model, sounding, settings, language, *rest)

    monkeypatch.setattr(listening, "hear", noted)
    await Whisper(SETTINGS.model_copy(update={"window": 60})).transcribe(talk)
    assert asked == [None, *["en"] * (len(asked) - 1)]
    assert len(asked) >= 3


@pytest.mark.parametrize("vad", [True, False])
async def test_silence_has_no_segments(tmp_path: Path, vad: bool) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:duration=90", tmp_path / "silence.flac")
    transcript = await Whisper(SETTINGS.model_copy(update={"vad": vad, "window": 60})).transcribe(tmp_path / "silence.flac")
    assert (transcript.segments, transcript.language) == ((), "und")
    assert transcript.duration == pytest.approx(90.0)


@pytest.mark.parametrize("vad", [True, False])
async def test_nothing_at_all_has_no_segments(tmp_path: Path, vad: bool) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-frames:a", "0", tmp_path / "empty.wav")
    whisper = Whisper(SETTINGS.model_copy(update={"vad": vad}))
    transcript = await whisper.transcribe(tmp_path / "empty.wav")
    assert (transcript.segments, transcript.duration) == ((), 0.0)


async def test_the_model_is_loaded_once_for_files_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    loads, load = list[str](), Loader.load

    def noted(self: Loader, wanted: Any) -> Any:
        loads.append(wanted.model)
        time.sleep(0.1)
        return load(self, wanted)

    monkeypatch.setattr(Loader, "load", noted)
    whisper = Whisper(SETTINGS, workers=2)
    transcripts = await asyncio.gather(*(whisper.transcribe(SPEECH) for _ in range(4)))
    assert loads == [str(MODEL)]
    assert all([segment.text for segment in transcript.segments] == SENTENCES for transcript in transcripts)


async def test_a_request_may_name_another_model_and_the_first_is_unloaded(tmp_path: Path, whisper: Whisper) -> None:
    other = tmp_path / "other"
    other.symlink_to(MODEL, target_is_directory=True)
    options = TranscriptionOptions(model=str(other), beam_size=1)
    assert whisper.making(options).model == "other"
    transcript = await whisper.transcribe(SPEECH, options)
    assert [segment.text for segment in transcript.segments] == SENTENCES
    transcripts = await asyncio.gather(*(whisper.transcribe(SPEECH, asked) for asked in (options, TranscriptionOptions()) * 3))
    assert all([segment.text for segment in transcript.segments] == SENTENCES for transcript in transcripts)


async def test_hot_words_and_prompt_reach_the_model(monkeypatch: pytest.MonkeyPatch, whisper: Whisper) -> None:
    given, transcribe = dict[str, Any](), BatchedInferencePipeline.transcribe

    def noted(self: Any, audio: Any, **options: Any) -> Any:
        given.update(options)
        return transcribe(self, audio, **options)

    monkeypatch.setattr(BatchedInferencePipeline, "transcribe", noted)
    asked = TranscriptionOptions(hotwords="engineer studio", initial_prompt="the river.", task="translate", language="en")
    assert (await whisper.transcribe(SPEECH, asked)).segments
    assert {name: given[name] for name in ("hotwords", "initial_prompt", "task", "language", "multilingual")} == {
        "hotwords": "engineer studio",
        "initial_prompt": "the river.",
        "task": "translate",
        "language": "en",
        "multilingual": False,
    }


async def test_hot_words_that_leave_no_room_are_refused(whisper: Whisper) -> None:
    with pytest.raises(Invalid, match=r"Hot words and prompt are too long for the model: \d+ tokens, of at most 223"):
        await whisper.transcribe(SPEECH, TranscriptionOptions(hotwords="river " * 150, initial_prompt="stone " * 150))


async def test_a_missing_model_fails_the_file_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Set SPILLWAY_WHISPER_MODEL to the folder of a faster-whisper model"):
        await Whisper(WhisperSettings(model=str(tmp_path / "none"))).transcribe(SPEECH)


async def test_cancelling_stops_within_a_batch(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whisper, seen = Whisper(SETTINGS.model_copy(update={"batch_size": 1})), list[float]()
    followed, ended = hearing.followed, asyncio.Event()
    loop = asyncio.get_running_loop()

    def noted(*arguments: Any) -> Iterator[Any]:
        try:
            for segment in followed(*arguments):
                seen.append(segment.start)
                yield segment
        finally:
            loop.call_soon_threadsafe(ended.set)

    monkeypatch.setattr(hearing, "followed", noted)
    task = asyncio.create_task(whisper.transcribe(long))
    await until(lambda: bool(seen))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 10)
    assert seen[-1] < 60


async def test_progress_is_logged_now_and_then(whisper: Whisper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LOG_EVERY", 0.0)
    with capture_logs() as logs:
        await whisper.transcribe(SPEECH)
    told = [line for line in logs if line["event"] == "transcribing"]
    assert [line["of"] for line in told] == [5.1, 5.1]
    assert told[0]["seconds"] < told[1]["seconds"]


def test_batches_are_even() -> None:
    assert [hearing.even_batches(chunks, 8) for chunks in (1, 8, 9, 16, 17, 20)] == [1, 8, 5, 8, 6, 7]
