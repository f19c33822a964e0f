"""What is said in a file, and who writes it down."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import TypeAdapter

from shared.transcription import TranscriptionOptions


class Word(NamedTuple):
    """A word with its leading space, when it is said (seconds), how sure that is (0 to 1), and who says it, if known."""

    start: float
    end: float
    text: str
    probability: float
    speaker: str | None = None


class Doubt(NamedTuple):
    """Why a segment may be wrong: a kind for programs, a sentence for people."""

    kind: str
    reason: str


@dataclass(frozen=True)
class Segment:
    """One sentence or less: seconds, text, words.

    `avg_logprob`, `no_speech` (probability that nobody speaks), `compression_ratio` and `temperature` are the model's. `voice`
    is the share of the time in which the voice detector hears somebody (0 to 1), `level` the loudness (dB of full scale).
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    avg_logprob: float | None = None
    no_speech: float | None = None
    compression_ratio: float | None = None
    temperature: float | None = None
    voice: float | None = None
    level: float | None = None
    speaker: str | None = None
    doubts: tuple[Doubt, ...] = ()


SEGMENTS = TypeAdapter(tuple[Segment, ...])
"""Segments as JSON and back, to the last digit."""


@dataclass(frozen=True)
class Window:
    """A stretch of a file that is done: seconds from and to, its language if somebody speaks, segments in the file's time."""

    position: int
    start: float
    end: float
    language: str | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Transcript:
    """All segments in order; none if nobody speaks. `duration` is the audio's, in seconds."""

    language: str
    duration: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Making:
    """What a transcript is made with: the model's name, the task, and the settings that change what is written down."""

    model: str
    task: str
    settings: dict[str, Any]


AS_SET = TranscriptionOptions()
"""No options: everything as the settings say."""

Report = Callable[[float, float | None], None]
"""Takes seconds of audio done, and in all if that is known; called from any thread."""
Keep = Callable[[Window], Awaitable[None]]
"""Takes each window as it is done, so that a successor need not do it again."""


class Transcriber(Protocol):
    """Writes speech down."""

    def making(self, options: TranscriptionOptions) -> Making:
        """What a transcript with these options is made with."""
        ...

    async def transcribe(
        self,
        audio: Path,
        options: TranscriptionOptions = AS_SET,
        *,
        done: Sequence[Window] = (),
        keep: Keep | None = None,
        report: Report | None = None,
    ) -> Transcript:
        """The transcript of an audio file, going on after the windows that are done; raises Permanent if it cannot be made."""
        ...
