"""Where a long video is cut for a model that sees a quarter of an hour well and an hour badly.

The same inputs give the same chunks, as the answer to each of them is kept and never paid for twice.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.nova.analyst import Span

NEAR = 0.15
"""A chunk ends at a cut between shots if there is one within this share of the window from where it would end anyway."""
REACH, MOST_REACH = 20.0, 0.2
"""A chunk begins at a key frame if there is one within so many seconds, and this share of the window, before where it would
begin anyway; else right there, and has to be encoded. Proxies have a key frame every five seconds, old ones every seventeen."""
MOST_OVERLAP = 0.25
"""The share of a window that may be seen twice, so that each chunk goes well beyond the one before."""


class Chunk(NamedTuple):
    """A stretch of a file, in seconds of the source's clock; numbers count from 1."""

    number: int
    start: float
    end: float

    @property
    def length(self) -> float:
        """Its seconds."""
        return self.end - self.start

    @property
    def span(self) -> Span:
        """It as a stretch of time."""
        return Span(start=self.start, end=self.end)


def planned(
    duration: float | None, shots: Sequence[float], keyframes: Sequence[float], *, window: float, overlap: float
) -> tuple[Chunk, ...]:
    """Chunks of at most `window` seconds that together cover a file, each beginning before the one before ends.

    There are as few as can be, of much the same length. They end at shots where some are near, and begin `overlap` seconds
    before that, at the last key frame up to there: a chunk is copied, not encoded, and copies begin at key frames. Where no
    shot is near, they end so that the next begins at a key frame. A file of which nobody knows how long it lasts is one chunk
    from 0 to 0.
    """
    if not math.isfinite(window) or window <= 0:
        raise ValueError(f"a window of {window} s holds nothing")
    known = duration if duration is not None and math.isfinite(duration) and duration > 0 else 0.0
    places = _Places(_within(shots, known), _within(keyframes, known), window, min(max(overlap, 0.0), window * MOST_OVERLAP))
    spans = enumerate(_spans(known, places), start=1)
    return tuple(Chunk(number, start, end) for number, (start, end) in spans)


class _Places(NamedTuple):
    """Where chunks may end and begin."""

    shots: list[float]
    keyframes: list[float]
    window: float
    overlap: float

    def fewest(self, seconds: float) -> int:
        """How many chunks it takes to cover so many seconds; what sums of fractions are off by takes none."""
        return max(1, math.ceil(round((seconds - self.overlap) / (self.window - self.overlap), 9)))

    def beginning(self, end: float) -> float:
        """Where the chunk after one that ends here begins."""
        wished = end - self.overlap
        before = bisect_right(self.keyframes, wished) - 1
        if before >= 0 and self.keyframes[before] >= wished - min(REACH, self.window * MOST_REACH):
            return self.keyframes[before]
        return wished


def _spans(duration: float, places: _Places) -> Iterator[tuple[float, float]]:
    start = 0.0
    while places.fewest(duration - start) > 1:
        end = _end(start, duration, places)
        yield start, end
        start = places.beginning(end)
    yield start, duration


def _end(start: float, duration: float, places: _Places) -> float:
    """Where the chunk that begins here ends: of all places that cost no chunk more the best, else so that all are as long."""
    rest = duration - start
    count = places.fewest(rest)
    limit = start + min(places.window, (rest + (count - 1) * places.overlap) / count)
    latest, near = start + places.window, places.window * NEAR
    aligned = (keyframe + places.overlap for keyframe in places.keyframes)
    ends = (end for end in (*_nearest(places.shots, limit, near), *_nearest(aligned, limit, near)) if end <= latest)
    return next((end for end in ends if places.fewest(duration - places.beginning(end)) < count), limit)


def _nearest(times: Iterable[float], place: float, within: float) -> list[float]:
    """The times near a place, the nearest first, of two as near the earlier."""
    return sorted((time for time in times if abs(time - place) <= within), key=lambda time: (abs(time - place), time))


def _within(times: Sequence[float], duration: float) -> list[float]:
    return sorted({time for time in times if math.isfinite(time) and 0 <= time < duration})
