"""Where a long file is cut: into windows that are transcribed one after another, and those into the chunks that a model hears.

Everything follows from the sound after a window's start, so that whoever goes on after a crash cuts at the same samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from services.transcribe.loudness import Levels, level, pause

ZONE = 0.85
"""From which part of a window's length on it may end: what comes after the end was looked through in vain, and is again."""
SURE_PAUSE = 16000
"""Samples of silence, one second: all longer pauses are as good a place as this one."""


class Span(NamedTuple):
    """A stretch of sound: from a sample up to another."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


Chunk = tuple[Span, ...]
"""Stretches that a model hears as one."""


@dataclass(frozen=True)
class Cut:
    """A window: where it ends, and the chunks in it."""

    end: int
    chunks: tuple[Chunk, ...]


def chunked(speech: Sequence[Span], most: int) -> tuple[Chunk, ...]:
    """Stretches of speech in order, as many together as fit into `most` samples; the pauses between them are left out."""
    chunks: list[list[Span]] = []
    filled = 0
    for span in speech:
        if chunks and filled + span.length <= most:
            chunks[-1].append(span)
            filled += span.length
        else:
            chunks.append([span])
            filled = span.length
    return tuple(tuple(chunk) for chunk in chunks)


def pieces(heard: Levels, length: int, most: int) -> tuple[Chunk, ...]:
    """All of `length` samples, cut at pauses into chunks of at most `most` samples: for hearing without voice detection."""
    return tuple((span,) for span in _pieces(heard, length, most))


def _pieces(heard: Levels, length: int, most: int) -> Iterator[Span]:
    start = 0
    while length - start > most:
        end = max(pause(heard, start + most // 2, start + most), start + 1)
        yield Span(start, end)
        start = end
    if length > start:
        yield Span(start, length)


def whole(chunks: tuple[Chunk, ...], length: int) -> Cut:
    """The last window of a file: all that is left."""
    return Cut(length, chunks)


def cut_in_speech(speech: Sequence[Span], heard: Levels, length: int, most: int) -> Cut:
    """A window of at most `length` samples, of which the speech is known: it ends in a pause, between two chunks if one may be.

    Between two chunks a cut changes nothing, as a model hears each chunk alone. Of several such places the longest pause is
    taken, of pauses of a second and more the quietest.
    """
    earliest = int(length * ZONE)
    chunks = chunked(speech, most)
    between = [_gap(one[-1], other[0]) for one, other in pairwise(chunks)]
    anywhere = [_gap(one, other) for one, other in pairwise(speech)]
    for gaps in (between, [*anywhere, *_after(speech, length)]):
        if fitting := [inside for gap in gaps if (inside := _inside(gap, earliest, length))]:
            end = _middle(max(fitting, key=lambda gap: _goodness(gap, heard)))
            return Cut(end, chunked([span for span in speech if span.end <= end], most))
    end = pause(heard, earliest, length)  # somebody speaks all the time
    return Cut(end, chunked(_until(speech, end), most))


def cut_in_pieces(heard: Levels, length: int, most: int) -> Cut:
    """A window of at most `length` samples of which all is heard: it ends where its last whole piece does."""
    chunks = pieces(heard, length, most)[:-1]
    return Cut(chunks[-1][-1].end, chunks)


def _gap(one: Span, other: Span) -> Span:
    return Span(one.end, other.start)


def _after(speech: Sequence[Span], length: int) -> list[Span]:
    """The silence at the end, or the last two seconds of it: somebody may begin to speak right after."""
    start = max(speech[-1].end if speech else 0, length - 2 * SURE_PAUSE)
    return [Span(start, length)] if start < length else []


def _inside(gap: Span, earliest: int, latest: int) -> Span | None:
    """The part of a pause in which a window may end; None if there is none."""
    start, end = max(gap.start, earliest), min(gap.end, latest)
    return Span(start, end) if start <= end else None


def _middle(gap: Span) -> int:
    return (gap.start + gap.end) // 2


def _goodness(gap: Span, heard: Levels) -> tuple[int, float, int]:
    place = _middle(gap)
    return min(gap.length, SURE_PAUSE), -level(heard, place - 2400, place + 2400), place


def _until(speech: Sequence[Span], end: int) -> list[Span]:
    return [Span(span.start, min(span.end, end)) for span in speech if span.start < end]
