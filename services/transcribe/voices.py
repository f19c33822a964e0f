"""Silero's voice detector, which faster-whisper ships: where somebody speaks."""

from collections.abc import Sequence

from faster_whisper.vad import VadOptions, get_speech_timestamps

from services.transcribe.audio import RATE, Samples
from services.transcribe.settings import WhisperSettings
from services.transcribe.windows import Span


def speech(samples: Samples, settings: WhisperSettings) -> list[Span]:
    """The stretches in which somebody speaks, none longer than a chunk, by the settings of the detector."""
    if not len(samples):
        return []
    options = VadOptions(
        threshold=settings.vad_threshold,
        min_speech_duration_ms=settings.vad_min_speech_ms,
        max_speech_duration_s=settings.chunk_length,
        min_silence_duration_ms=settings.vad_min_silence_ms,
        speech_pad_ms=settings.vad_pad_ms,
    )
    return [Span(found["start"], found["end"]) for found in get_speech_timestamps(samples, options, RATE)]


def share(speech: Sequence[Span], start: float, end: float) -> float:
    """The part of a time (seconds) in which somebody speaks; of no time at all, whether somebody does then."""
    first, last = int(start * RATE), max(int(end * RATE), int(start * RATE) + 1)
    heard = sum(max(0, min(span.end, last) - max(span.start, first)) for span in speech)
    return heard / (last - first)
