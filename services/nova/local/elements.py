"""Equipment, objects, topics and roles that are spoken of or named, with the times at which they come up."""

from collections.abc import Iterable
from functools import cache

from services.nova.analyst import Element, ElementKind, Span
from services.nova.lexicon import things
from services.nova.local.confidence import confidence
from services.nova.local.cues import Lexicon
from services.nova.provenance import Evidence
from services.nova.reading import Reading

JOINED = 5.0
"""Seconds between two mentions that still are one stretch of talk."""
SPANS, QUOTES = 100, 6
"""Kept per element."""


@cache
def _lexicon(kind: ElementKind) -> Lexicon:
    lists = things()
    return Lexicon(lists.elements[kind], lists.masks)


def elements(reading: Reading) -> tuple[Element, ...]:
    """What is said or written to be there, by kind, in the order in which it first comes up; what is denied is not."""
    return tuple(element for kind in ElementKind for element in _of_kind(kind, reading))


def _of_kind(kind: ElementKind, reading: Reading) -> Iterable[Element]:
    found: dict[str, dict[Evidence, None]] = {}
    for text in reading.texts:
        for mention in _lexicon(kind).mentions(text):
            if not mention.denied:
                found.setdefault(mention.term, {})[mention.evidence] = None
    for name, pieces in found.items():
        yield Element(kind=kind, name=name, spans=spans(pieces), evidence=tuple(pieces)[:QUOTES], confidence=confidence(pieces))


def spans(evidence: Iterable[Evidence]) -> tuple[Span, ...]:
    """The stretches in which something comes up, in order, near ones joined."""
    joined: list[tuple[float, float]] = []
    timed = ((piece.start, piece.end) for piece in evidence if piece.start is not None and piece.end is not None)
    for start, end in sorted(timed):
        if joined and start - joined[-1][1] <= JOINED:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(Span(start=start, end=end) for start, end in joined[:SPANS])
