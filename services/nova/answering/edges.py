"""Where one chapter ends and the next begins: at a cut if one is near, else where nobody speaks."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from services.nova.analyst import Segment

SNAP = 1.5
"""Seconds by which an edge may move: pictures are looked at once a second, so that a model cannot know better."""
MARGIN = 0.5
"""Seconds kept from speech within a pause, as the times of words may be off."""
PAUSE = 0.3
"""Seconds without speech that are a pause; less is breath."""


def snapped(edges: Sequence[float], end: float, cuts: Sequence[float], pauses: Sequence[tuple[float, float]]) -> list[float]:
    """Edges in their order, the first of which stays; none moves to or past a neighbour, and all lie before `end`.

    `cuts` in order.
    """
    moved = [*edges[:1]]
    for number, edge in enumerate(edges[1:], 1):
        below = moved[-1]
        above = edges[number + 1] if number + 1 < len(edges) else end
        moved.append(next((time for time in _near(edge, cuts, pauses) if below < time < above), edge))
    return moved


def pauses_of(segments: Sequence[Segment], start: float, end: float) -> list[tuple[float, float]]:
    """The stretches between `start` and `end` in which nobody speaks; segments in order, each beginning before `end`."""
    spoken_to = start
    found = []
    for segment in segments:
        if segment.start - spoken_to >= PAUSE:
            found.append((spoken_to, segment.start))
        spoken_to = max(spoken_to, segment.end)
    return [*found, (spoken_to, end)] if segments and end - spoken_to >= PAUSE else found


def _near(edge: float, cuts: Sequence[float], pauses: Sequence[tuple[float, float]]) -> list[float]:
    """Times to which an edge may move, the best first."""
    at = bisect_left(cuts, edge)
    shots = sorted((cut for cut in cuts[max(at - 1, 0) : at + 1] if abs(cut - edge) <= SNAP), key=lambda cut: abs(cut - edge))
    quiet = [time for time in (_within(edge, pause) for pause in pauses) if abs(time - edge) <= SNAP]
    return [*shots, *sorted(quiet, key=lambda time: abs(time - edge))]


def _within(edge: float, pause: tuple[float, float]) -> float:
    start, end = pause
    margin = min(MARGIN, (end - start) / 2)
    return min(max(edge, start + margin), end - margin)


def touching(edges: Sequence[float], end: float) -> list[tuple[float, float]]:
    """Stretches from each edge to the next, the last one up to `end`."""
    return list(pairwise([*edges, end]))
