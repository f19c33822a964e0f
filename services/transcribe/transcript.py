"""What is said in a file, and who writes it down."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol


class Word(NamedTuple):
    """A word with its leading space, when it is said (seconds), and how sure that is (0 to 1)."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True)
class Segment:
    """One sentence or less: seconds, text, words; mean log probability, and the probability that nobody speaks."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    avg_logprob: float | None = None
    no_speech: float | None = None


@dataclass(frozen=True)
class Transcript:
    """All segments in order; none if nobody speaks. `duration` is the audio's, in seconds."""

    language: str
    duration: float
    segments: tuple[Segment, ...]


class Transcriber(Protocol):
    """Writes speech down; `model` and `decoding` say what its transcripts are made with."""

    @property
    def model(self) -> str: ...

    @property
    def decoding(self) -> dict[str, object]: ...

    async def transcribe(self, audio: Path) -> Transcript:
        """The transcript of an audio file; raises Permanent with a sentence if it cannot be made."""
        ...
