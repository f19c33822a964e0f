"""Prose as a model tells it, with what was found of its evidence."""

from collections.abc import Iterable

from services.nova.analyst import Passage, Summary
from services.nova.answering.answer import Lengths
from services.nova.answering.facts import trust
from services.nova.answering.grounding import Ground
from services.nova.answering.told import Prose
from services.nova.provenance import Source

UNHEARD = tuple(source for source in Source if source is not Source.TRANSCRIPT)


def passage(told: Prose, ground: Ground, *, without: Iterable[Source] = ()) -> Passage:
    """A text; it stays, with little confidence, though nothing of its evidence is found."""
    evidence = ground.evidence(told.evidence, without=without)
    return Passage(text=readable(told.text), evidence=evidence, confidence=trust(told.confidence, evidence))


def summary(told: Lengths, ground: Ground) -> Summary:
    """A summary at the lengths that were told."""
    return Summary(**{name: passage(prose, ground) for name, prose in told if prose is not None})


def readable(text: str) -> str:
    """Paragraphs without control characters and needless blanks."""
    shown = "".join(character if character.isprintable() or character == "\n" else " " for character in text)
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in shown.split("\n") if paragraph.strip())
