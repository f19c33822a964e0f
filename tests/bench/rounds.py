"""Interleaved rounds: every side once per round, so that whatever else the machine does meets all of them alike."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Figures = Mapping[str, float]
"""What one measurement says, by name: rate, p50, ..."""


@dataclass(frozen=True)
class Side:
    """One of the things compared; `measure` takes the number of the round and raises if the side did not do all its work."""

    name: str
    measure: Callable[[int], Figures]


@dataclass(frozen=True)
class Spread:
    """Median, lowest and highest over the rounds."""

    median: float
    low: float
    high: float


Measured = Mapping[str, Sequence[Figures]]
"""The figures of each side, one entry per round."""


def order(sides: Sequence[Side], number: int) -> list[Side]:
    """The sides in the order of a round: another goes first in each, so that none always runs on a cold or a tired machine."""
    turn = number % len(sides)
    return [*sides[turn:], *sides[:turn]]


def interleave(sides: Sequence[Side], rounds: int, report: Callable[[str], None]) -> Measured:
    """Measure every side in every round; `report` receives a line after each."""
    measured: defaultdict[str, list[Figures]] = defaultdict(list)
    for number in range(rounds):
        for side in order(sides, number):
            figures = side.measure(number)
            measured[side.name].append(figures)
            report(f"round {number + 1}/{rounds}  {side.name}: {', '.join(f'{k} {v:,.2f}' for k, v in figures.items())}")
    return dict(measured)


def spread(values: Sequence[float]) -> Spread:
    """Median, lowest, highest."""
    return Spread(median(values), min(values), max(values))


def figure(measured: Measured, side: str, name: str) -> Spread:
    """One figure of one side over the rounds."""
    return spread([figures[name] for figures in measured[side]])


def ratio(measured: Measured, side: str, other: str, name: str) -> Spread:
    """A figure of `side` over the same of `other`, divided within each round: what the machine did then meets both."""
    pairs = zip(measured[side], measured[other], strict=True)
    return spread([mine[name] / theirs[name] for mine, theirs in pairs])
