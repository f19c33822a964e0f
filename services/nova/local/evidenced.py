"""Candidate values gathered with their evidence, and the one that is best supported."""

from collections.abc import Iterable
from typing import NamedTuple

from services.nova.local.confidence import confidence
from services.nova.provenance import Evidence, Fact

QUOTES = 6
"""Pieces of evidence kept per value."""


class Candidate(NamedTuple):
    """A value that one piece of evidence speaks for."""

    value: str
    evidence: Evidence


def best(candidates: Iterable[Candidate]) -> Fact:
    """The best supported value, of equals the first; unknown if there is none."""
    found = ranked(candidates)
    return found[0] if found else Fact()


def ranked(candidates: Iterable[Candidate]) -> list[Fact]:
    """Every value with its evidence, best supported first; values that differ in case only are one."""
    grouped: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        grouped.setdefault(candidate.value.casefold(), []).append(candidate)
    return sorted((_fact(group) for group in grouped.values()), key=lambda fact: -fact.confidence)


def _fact(group: list[Candidate]) -> Fact:
    pieces = tuple(dict.fromkeys(candidate.evidence for candidate in group))
    return Fact(value=group[0].value, evidence=pieces[:QUOTES], confidence=confidence(pieces))
