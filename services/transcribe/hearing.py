"""One window of sound through faster-whisper."""

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline
from faster_whisper.transcribe import restore_speech_timestamps

from services.transcribe.audio import RATE, Samples
from services.transcribe.loudness import Levels, level
from services.transcribe.resident import Stopped
from services.transcribe.sentences import tidied
from services.transcribe.settings import WhisperSettings
from services.transcribe.transcript import Segment, Word
from services.transcribe.voices import share
from services.transcribe.windows import Chunk, Span

DETECTION = 4
"""Chunks that are asked for the language at most: the first that is more than half sure decides, else the majority."""


@dataclass(frozen=True)
class Sounding:
    """A window's sound: samples, loudness, where somebody speaks, and the chunks to be heard."""

    samples: Samples
    levels: Levels
    speech: Sequence[Span]
    chunks: tuple[Chunk, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


@dataclass(frozen=True)
class Heard:
    """What a window says: its language, and segments in the window's own time."""

    language: str
    segments: tuple[Segment, ...]


Step = Callable[[float], None]
"""Is told how many seconds of a window are done."""


def hear(
    model: Any, sounding: Sounding, settings: WhisperSettings, language: str | None, stop: threading.Event, step: Step
) -> Heard:
    """Transcribe a window in which there is something to hear; raises Stopped within a batch once `stop` is set."""
    spans = [span for chunk in sounding.chunks for span in chunk]
    # A pipeline of its own for each window: it remembers where the speech ended, and a successor could not know that.
    segments, info = BatchedInferencePipeline(model).transcribe(
        np.concatenate([sounding.samples[span.start : span.end] for span in spans]),
        clip_timestamps=clips(sounding.chunks),
        language=language,
        language_detection_segments=DETECTION,
        multilingual=settings.multilingual,
        task=settings.task,
        beam_size=settings.beam_size,
        batch_size=even_batches(len(sounding.chunks), settings.batch_size),
        hotwords=settings.hotwords,
        initial_prompt=settings.initial_prompt,
        condition_on_previous_text=False,
        without_timestamps=False,
        word_timestamps=True,
    )
    in_place = restore_speech_timestamps(segments, [span._asdict() for span in spans], RATE)
    found = tidied(followed(in_place, stop, step), sounding.seconds)
    return Heard(info.language, tuple(witnessed(segment, sounding) for segment in found))


def clips(chunks: Iterable[Chunk]) -> list[dict[str, Fraction]]:
    """Where the chunks lie when their stretches are put one after another: seconds, exact to the sample."""
    found, end = list[dict[str, Fraction]](), 0
    for chunk in chunks:
        start, end = end, end + sum(span.length for span in chunk)
        found.append({"start": Fraction(start, RATE), "end": Fraction(end, RATE)})
    return found


def even_batches(chunks: int, most: int) -> int:
    """The size of batches that are all about as full, where batches of `most` would leave a small one at the end."""
    return math.ceil(chunks / math.ceil(chunks / most))


def followed(segments: Iterable[Any], stop: threading.Event, step: Step) -> Iterator[Segment]:
    """faster-whisper's segments as ours, until there are no more; raises Stopped once `stop` is set."""
    for segment in segments:
        if stop.is_set():
            raise Stopped
        step(segment.end)
        yield Segment(
            float(segment.start),  # numpy's numbers otherwise
            float(segment.end),
            plain(segment.text),
            tuple(
                Word(float(word.start), float(word.end), plain(word.word), float(word.probability))
                for word in segment.words or ()
            ),
            float(segment.avg_logprob),
            float(segment.no_speech_prob),
            float(segment.compression_ratio),
            segment.temperature,
        )


def witnessed(segment: Segment, sounding: Sounding) -> Segment:
    """The segment with what the sound itself says about it."""
    loudness = level(sounding.levels, int(segment.start * RATE), int(segment.end * RATE))
    return replace(segment, voice=round(share(sounding.speech, segment.start, segment.end), 3), level=round(loudness, 1))


def plain(text: str) -> str:
    """Text that Postgres takes: a model may emit any byte, but NUL is no text."""
    return text.replace("\0", "")
