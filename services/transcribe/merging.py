"""What a person wrote stays, and what they deleted stays away: where a new transcript meets either, it gives way."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from services.transcribe.transcript import Segment, Word


class Placed(Protocol):
    """Anything from a time to a time, in seconds."""

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float: ...


L = TypeVar("L", bound=Placed)


@dataclass(frozen=True)
class _Free:
    """A time in which a person neither wrote nor deleted anything."""

    start: float
    end: float


def merged(heard: Sequence[Segment], locked: Sequence[L], deleted: Sequence[Placed] = ()) -> list[Segment | L]:
    """All locked segments, and of the heard ones what lies between them and between deleted ones, by their start.

    A heard segment of which most is locked or deleted gives way wholly: its rest would be scraps of what the person wrote or
    took out. Of another only the words are kept that are said outside.
    """
    if not locked and not deleted:
        return list(heard)
    gaps = _gaps([*locked, *deleted])
    starts = [gap.start for gap in gaps]
    kept = [part for segment in heard for part in _outside(segment, gaps[_first(starts, segment) : _last(starts, segment)])]
    return sorted([*locked, *kept], key=lambda segment: segment.start)


def _gaps(handled: Sequence[Placed]) -> list[_Free]:
    gaps, free = list[_Free](), float("-inf")
    for taken in sorted(handled, key=lambda segment: segment.start):
        if taken.start > free:
            gaps.append(_Free(free, taken.start))
        free = max(free, taken.end)
    return [*gaps, _Free(free, float("inf"))]


def _first(starts: Sequence[float], segment: Segment) -> int:
    """The gap in which a segment begins, or the last before that."""
    return bisect_right(starts, min([segment.start, *(word.start for word in segment.words)])) - 1


def _last(starts: Sequence[float], segment: Segment) -> int:
    """One past the last gap that begins before a segment ends."""
    return bisect_right(starts, max([segment.end, *(word.end for word in segment.words)]))


def _outside(segment: Segment, gaps: Sequence[_Free]) -> Iterator[Segment]:
    """The parts of a segment that lie in gaps; none if they are the smaller half of it."""
    words = segment.words or (Word(segment.start, segment.end, segment.text, 1.0),)
    parts = [(gap, said) for gap in gaps if (said := tuple(word for word in words if _within(word, gap)))]
    if 2 * sum(len(said) for _, said in parts) >= len(words):
        yield from (_part(segment, words, said, gap) for gap, said in parts)


def _within(word: Word, gap: _Free) -> bool:
    """Whether a word is said in a gap, by its middle."""
    return gap.start <= (word.start + word.end) / 2 < gap.end


def _part(segment: Segment, words: tuple[Word, ...], said: tuple[Word, ...], gap: _Free) -> Segment:
    """What is said of a segment in a gap, with no time outside of it."""
    start = min([word.start for word in said] + [segment.start] * (said[0] is words[0]))
    end = max([word.end for word in said] + [segment.end] * (said[-1] is words[-1]))
    return replace(
        segment,
        start=max(start, gap.start),
        end=min(end, gap.end),
        text=segment.text if len(said) == len(words) else "".join(word.text for word in said).strip(),
        words=tuple(_clipped(word, gap) for word in said) if segment.words else (),
    )


def _clipped(word: Word, gap: _Free) -> Word:
    return word._replace(start=max(word.start, gap.start), end=min(word.end, gap.end))
