"""Elements as a model tells them: with evidence, each once, people by their role."""

from collections.abc import Iterable, Iterator

from services.nova.analyst import Element, ElementKind, Span
from services.nova.answering.answer import Thing
from services.nova.answering.facts import nothing, trust
from services.nova.answering.grounding import QUOTES, Ground
from services.nova.answering.losses import Loss
from services.nova.answering.people import role
from services.nova.local.elements import SPANS
from services.nova.local.entities import normalized
from services.nova.prompting.data import line

LONGEST = 100
"""Characters of a name."""


def elements(things: Iterable[Thing], ground: Ground, names: frozenset[str]) -> tuple[Element, ...]:
    """What there is evidence for, in the order in which it is told first; `names` are words of people's names in this file."""
    found: dict[tuple[ElementKind, str], Element] = {}
    for element in _told(things, ground, names):
        key = (element.kind, normalized(element.name))
        found[key] = _united(found[key], element) if key in found else element
    return tuple(found.values())


def _told(things: Iterable[Thing], ground: Ground, names: frozenset[str]) -> Iterator[Element]:
    for thing in things:
        name = role(thing.name, names) if thing.kind is ElementKind.PERSON else thing.name
        if name is None:
            ground.losses.note(Loss.PERSON)
            continue
        evidence = ground.evidence(thing.evidence)
        if not evidence or nothing(name):
            ground.losses.note(Loss.ELEMENT)
            continue
        seen = [
            Span(start=piece.start, end=piece.end) for piece in evidence if piece.start is not None and piece.end is not None
        ]
        yield Element(
            kind=thing.kind,
            name=line(name, LONGEST),
            spans=joined(_spans(thing, ground) or seen),
            evidence=evidence,
            confidence=trust(thing.confidence, evidence),
        )


def _spans(thing: Thing, ground: Ground) -> list[Span]:
    if ground.clip is None:
        return []
    told = [ground.clip.span(stretch.start, stretch.end) for stretch in thing.spans]
    ground.losses.note(Loss.OUTSIDE, told.count(None))
    return [span for span in told if span is not None]


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Stretches in order, those that touch or overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if found and span.start <= found[-1].end:
            found[-1] = Span(start=found[-1].start, end=max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found[:SPANS])


def _united(one: Element, other: Element) -> Element:
    return one.model_copy(
        update={
            "spans": joined((*one.spans, *other.spans)),
            "evidence": tuple(dict.fromkeys((*one.evidence, *other.evidence)))[:QUOTES],
            "confidence": max(one.confidence, other.confidence),
        }
    )
