"""One file's way through the windows, in a thread."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from services.transcribe.ahead import one_ahead
from services.transcribe.audio import RATE, Sound
from services.transcribe.doubts import doubted
from services.transcribe.hearing import Heard, Sounding, Step, hear
from services.transcribe.loading import Wanted
from services.transcribe.loudness import levels
from services.transcribe.resident import Resident, Stopped
from services.transcribe.sentences import later
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Report, Transcript, Window
from services.transcribe.voices import speech
from services.transcribe.windows import Cut, chunked, cut_in_pieces, cut_in_speech, pieces, whole
from shared.errors import Invalid
from shared.transcription import UNKNOWN_LANGUAGE

LOG_EVERY = 10.0
"""Seconds between two lines about the progress of a long file."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Listening:
    """How a file is listened to: `keep` takes each window that is done, `stop` ends it all within a batch."""

    settings: WhisperSettings
    models: Resident[Wanted, Any]
    keep: Callable[[Window], None]
    report: Report
    stop: threading.Event

    def through(self, path: Path, done: Sequence[Window]) -> Transcript:
        """The transcript of a file of which some windows are done; raises BadMedia, Stopped, or as models do."""
        settings, windows = self.settings, list(done)
        with self._model() as model:
            require_room(model, settings)
        with Sound(path) as sound:
            sound.skip(round(windows[-1].end * RATE) if windows else 0)
            # Voices are looked for in the next window while the model hears this one: it leaves cores idle in between.
            with closing(one_ahead(soundings(sound, settings))) as coming:
                for sounding in coming:
                    window = self._window(sounding, windows, sound.duration)
                    self.keep(window)
                    windows.append(window)
        segments = doubted([segment for window in windows for segment in window.segments])
        language = settings.language or language_of(windows) or UNKNOWN_LANGUAGE
        return Transcript(language, windows[-1].end if windows else 0.0, segments)

    def _window(self, sounding: Sounding, before: Sequence[Window], total: float | None) -> Window:
        start = before[-1].end if before else 0.0
        heard = self._heard(sounding, language_of(before), Progress(start, total, self.report))
        if self.stop.is_set():
            raise Stopped
        end = round(start * RATE + len(sounding.samples)) / RATE
        segments = tuple(later(heard.segments, start))
        log.info("window heard", position=len(before), start=round(start, 3), end=round(end, 3), segments=len(segments))
        self.report(end, total)
        return Window(len(before), start, end, heard.language if segments else None, segments)

    def _heard(self, sounding: Sounding, language: str | None, step: Step) -> Heard:
        if not sounding.chunks:
            return Heard(UNKNOWN_LANGUAGE, ())
        with self._model() as model:
            return hear(model, sounding, self.settings, self.settings.language or language, self.stop, step)

    def _model(self) -> Any:
        settings = self.settings
        return self.models.using(Wanted(settings.model, settings.device, settings.compute_type), self.stop)


class Progress:
    """Tells how far a file is, in its own time; now and then in the log, too."""

    def __init__(self, start: float, total: float | None, report: Report) -> None:
        self._start, self._total, self._report = start, total, report
        self._due = time.monotonic() + LOG_EVERY

    def __call__(self, seconds: float) -> None:
        done = self._start + seconds
        self._report(done, self._total)
        if time.monotonic() >= self._due:
            self._due = time.monotonic() + LOG_EVERY
            log.info("transcribing", seconds=round(done, 1), of=self._total and round(self._total, 1))


def soundings(sound: Sound, settings: WhisperSettings) -> Iterator[Sounding]:
    """The rest of a sound, window by window."""
    most, chunk = settings.window * RATE, settings.chunk_length * RATE
    samples = sound.read(most)
    while len(samples):
        heard, spoken = levels(samples), speech(samples, settings)
        last = len(samples) < most
        cut: Cut
        if settings.vad:
            cut = whole(chunked(spoken, chunk), len(samples)) if last else cut_in_speech(spoken, heard, len(samples), chunk)
        else:
            cut = whole(pieces(heard, len(samples), chunk), len(samples)) if last else cut_in_pieces(heard, len(samples), chunk)
        yield Sounding(samples[: cut.end], heard, spoken, cut.chunks)
        rest = samples[cut.end :]
        samples = np.concatenate((rest, sound.read(most - len(rest))))


def language_of(windows: Sequence[Window]) -> str | None:
    """The language of the first window in which somebody speaks."""
    return next((window.language for window in windows if window.language), None)


def require_room(model: Any, settings: WhisperSettings) -> None:
    """Raise Invalid if hot words and prompt leave the model no room for what is said: it would drop words of them."""
    given = [text for text in (settings.hotwords, settings.initial_prompt) if text]
    length, most = sum(len(model.hf_tokenizer.encode(text).ids) for text in given), model.max_length // 2 - 1
    if length > most:
        raise Invalid(f"Hot words and prompt are too long for the model: {length} tokens, of at most {most}. Leave some out.")
