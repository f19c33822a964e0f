"""Who says what: turns of speakers laid over words and segments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.transcribe.transcript import Segment


class Turn(NamedTuple):
    """Seconds in which one speaker speaks. Turns may overlap, and need not be in order."""

    start: float
    end: float
    speaker: str


def assigned(segments: Iterable[Segment], turns: Sequence[Turn]) -> tuple[Segment, ...]:
    """The segments, and each of their words, with the speaker whose turns overlap it most; none where nobody has a turn."""
    return tuple(_assigned(segment, turns) for segment in segments)


def _assigned(segment: Segment, turns: Sequence[Turn]) -> Segment:
    near = [turn for turn in turns if turn.start < segment.end and turn.end > segment.start]
    words = tuple(word._replace(speaker=speaker_of(word.start, word.end, near)) for word in segment.words)
    return replace(segment, words=words, speaker=speaker_of(segment.start, segment.end, near))


def speaker_of(start: float, end: float, turns: Iterable[Turn]) -> str | None:
    """Who speaks most between two times; of two that speak as long, who begins earlier."""
    spoken: defaultdict[str, float] = defaultdict(float)
    for turn in sorted(turns):
        overlap = min(end, turn.end) - max(start, turn.start)
        if overlap > 0:
            spoken[turn.speaker] += overlap
    return max(spoken, key=lambda speaker: spoken[speaker], default=None)
