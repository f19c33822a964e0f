"""Which frame stands for a video: well exposed, sharp, steady, and not beside a cut. Pure."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

DARKEST, DARK, BRIGHT, BRIGHTEST = 0.04, 0.18, 0.72, 0.97
"""Mean brightness: below the first and above the last a frame is useless, between the middle two it is good."""
CONTRAST = 0.12
"""Spread of brightness from which on there is enough to see; a grey wall or fog has less."""
BLOWN = 0.5
"""Share of pure white or pure black at which half of a frame's worth is gone."""
RESTLESS = 4.0
"""Change from the frame before, in per cent, at which half of a frame's worth is gone: a pan, a shake, a dissolve."""
BESIDE = 0.6
"""Seconds from a cut within which a frame may belong to a transition."""
LEAST = 0.05
"""What remains of a frame's worth whatever is wrong with it, so that of bad frames the least bad is still taken."""


@dataclass(frozen=True)
class Look:
    """What was measured of a candidate.

    Its time in seconds; mean and spread of brightness, and the share of pixels that are pure black or white, all 0 to 1;
    how steep its edges are on average, of any unit; how much it differs from the frames next to it, in per cent.
    """

    at: float
    brightness: float
    contrast: float
    clipped: float
    sharpness: float
    change: float


def best(looks: Sequence[Look], cuts: Sequence[float], duration: float) -> int:
    """The number of the frame that scores best; of equals the one nearest to the middle."""
    typical = median(look.sharpness for look in looks)
    edges = [0.0, *cuts, duration]

    def rank(number: int) -> tuple[float, float]:
        look = looks[number]
        return round(score(look, typical, edges), 6), -abs(look.at - duration / 2)

    return max(range(len(looks)), key=rank)


def score(look: Look, typical: float, edges: Sequence[float]) -> float:
    """How well a frame stands for its video, 0 to 1; `typical` is the sharpness to compare with, `edges` where shots begin or
    end.
    """
    parts = (
        exposure(look.brightness),
        min(1.0, look.contrast / CONTRAST),
        1 / (1 + (look.clipped / BLOWN) ** 2),
        look.sharpness / (look.sharpness + typical) if look.sharpness else 0.0,
        1 / (1 + look.change / RESTLESS),
        clearance(look.at, edges),
    )
    worth = 1.0
    for part in parts:
        worth *= LEAST + (1 - LEAST) * part
    return worth


def exposure(brightness: float) -> float:
    """How well lit a frame of this mean brightness is, 0 to 1."""
    rising = (brightness - DARKEST) / (DARK - DARKEST)
    falling = (BRIGHTEST - brightness) / (BRIGHTEST - BRIGHT)
    return max(0.0, min(1.0, rising, falling))


def clearance(at: float, edges: Sequence[float]) -> float:
    """How far a time is from where its shot begins and ends, 0 to 1."""
    following = min(max(bisect(edges, at), 1), len(edges) - 1)
    near = min(at - edges[following - 1], edges[following] - at)
    return max(0.0, min(1.0, near / BESIDE))
