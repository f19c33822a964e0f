"""Whether the frames of a video come at even distances."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

FEWEST = 4
"""Distances from which on something can be said."""
TOLERANCE = 0.1
"""How far a distance may be from the usual one, as a share of it: phones write 30 frames a second as 19 to 21 ticks of 600."""
SHARE = 0.02
"""How many may be farther: a clip that was cut has a gap or two."""
ROUNDING = 1
"""Ticks of the stream's clock by which a distance may be off."""
REORDERED = 16
"""Frames at the end of a sample among which some may still be missing, as they are stored out of order."""


def is_variable(samples: Sequence[Sequence[int]]) -> bool | None:
    """Whether frames come unevenly; None if there are too few to tell.

    Each sample holds the times of frames that follow each other, in ticks of the stream's clock.
    """
    distances = [after - before for sample in samples for before, after in pairwise(sample)]
    if len(distances) < FEWEST:
        return None
    usual = median(distances)
    allowed = max(TOLERANCE * usual, ROUNDING)
    odd = sum(abs(distance - usual) > allowed for distance in distances)
    return odd > max(1, SHARE * len(distances))


def in_order(times: Sequence[int], *, is_complete: bool) -> list[int]:
    """Times in the order of showing, without those at the end of an incomplete sample that others may yet come between."""
    ordered = sorted(set(times))
    return ordered if is_complete else ordered[:-REORDERED]
