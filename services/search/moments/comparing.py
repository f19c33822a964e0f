"""Whether vectors under a filter are found by the index or compared one by one: whichever is less work."""

from math import sqrt

COMPARISONS = 20.0
"""What a candidate of the index costs, in vectors that are compared: it leads to its neighbours, which are compared too, and
is looked up to see whether it is meant. Among 100,000 it was 30 to 60 microseconds beside 3."""
FEWEST = 2000
"""Vectors that are compared in any case: it takes a few milliseconds, and misses nothing."""


def worth_comparing(vectors: int, places: int) -> int:
    """The most moments of which every vector is compared, where the index has `vectors`, and so many are to be found.

    Of m that are meant, comparing takes m; the index passes over places * vectors / m, and each costs more.
    """
    return max(FEWEST, round(sqrt(COMPARISONS * places * vectors)))
