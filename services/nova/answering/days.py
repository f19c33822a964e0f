"""Dates as a model tells them, only as exact as their evidence, joined with those that are recorded and written."""

import re
from collections.abc import Iterable, Iterator

from services.nova.analyst import DateFact, DateKind
from services.nova.answering.answer import Day
from services.nova.answering.facts import trust
from services.nova.answering.grounding import QUOTES, Ground
from services.nova.answering.losses import Loss
from services.nova.local.dates import YEAR, dates, written_dates
from services.nova.provenance import Evidence
from services.nova.reading import Reading


def days(told: Iterable[Day], ground: Ground, reading: Reading) -> tuple[DateFact, ...]:
    """The dates of a file, those that are recorded or written first; the same date from several sources once."""
    found: dict[tuple[DateKind, str], DateFact] = {}
    for one in (*dates(reading), *_grounded(told, ground)):
        key = (one.kind, one.value)
        found[key] = _united(found[key], one) if key in found else one
    return tuple(found.values())


def _grounded(told: Iterable[Day], ground: Ground) -> Iterator[DateFact]:
    for day in told:
        evidence = ground.evidence(day.evidence)
        value = _as_told(day.value, evidence)
        if value is None:
            ground.losses.note(Loss.VALUE)
        else:
            yield DateFact(kind=day.kind, value=value, evidence=evidence, confidence=trust(day.confidence, evidence))


def _as_told(value: str, evidence: Iterable[Evidence]) -> str | None:
    """The date as far as its evidence says it; null if that does not even give the year."""
    text = " / ".join(piece.phrase for piece in evidence)
    year = re.search(rf"(?<!\d){YEAR}(?!\d)", value)
    exact = next(iter(written_dates(value)), year[0] if year else None)
    if exact is None:
        return None
    for written in written_dates(text):
        if written.startswith(exact):
            return exact
        if exact.startswith(written):
            return written
    return exact[:4] if exact[:4] in text else None


def _united(one: DateFact, other: DateFact) -> DateFact:
    evidence = tuple(dict.fromkeys((*one.evidence, *other.evidence)))[:QUOTES]
    return one.model_copy(update={"evidence": evidence, "confidence": max(one.confidence, other.confidence)})
