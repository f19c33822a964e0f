"""Values held against their evidence: what nothing speaks for is unknown."""

import re
from collections.abc import Callable, Collection, Iterable

from services.nova.answering.grounding import Ground
from services.nova.answering.haystack import says
from services.nova.answering.losses import Loss
from services.nova.answering.told import Value
from services.nova.lexicon import places
from services.nova.local.confidence import NAMES, NAMES_AT_MOST, confidence
from services.nova.local.entities import normalized
from services.nova.prompting.data import line
from services.nova.provenance import Evidence, Fact

UNPROVEN_AT_MOST = 0.3
"""Of a text whose evidence was not found: it may be right, but nothing shows it."""
LONGEST = 200
"""Characters of a value; what is longer is no value but a text."""
NOTHING = frozenset({"", "unknown", "none", "null", "n a", "not specified", "not stated", "not visible", "unspecified"})
SHORT_NAME = re.compile(r"[A-Z.]{2,6}")
"""Abbreviations, which are words of another meaning in lower case: US, OR, IN."""

Says = Callable[[str, str], bool]
"""Whether a text says a value."""


def trust(told: float | None, evidence: Collection[Evidence]) -> float:
    """The model's confidence, or that which the evidence is worth if it gave none; names alone stay doubtful."""
    if not evidence:
        return min(UNPROVEN_AT_MOST, UNPROVEN_AT_MOST if told is None else told)
    given = confidence(evidence) if told is None else told
    return round(min(given, NAMES_AT_MOST) if {piece.source for piece in evidence} <= NAMES else given, 2)


def nothing(value: str) -> bool:
    """Whether a value only says that there is none."""
    return normalized(value) in NOTHING


def fact(told: Value, ground: Ground, spoken_for: Says | None = None) -> Fact:
    """A value with what is left of its evidence: of which only that counts which says the value, where that can be asked."""
    value = line(told.value, LONGEST)
    if nothing(value):
        return Fact()
    evidence = ground.evidence(told.evidence)
    if spoken_for is not None:
        evidence = tuple(piece for piece in evidence if spoken_for(piece.phrase, value))
    if not evidence:
        ground.losses.note(Loss.VALUE)
        if spoken_for is not None:
            ground.losses.names.add(value)
        return Fact()
    return Fact(value=value, evidence=evidence, confidence=trust(told.confidence, evidence))


def one_of(told: Value, values: Iterable[str], ground: Ground) -> Fact:
    """A value out of a list, as the list writes it."""
    if nothing(told.value):
        return Fact()
    chosen = match(told.value, values)
    if chosen is None:
        ground.losses.note(Loss.CHOICE)
        return Fact()
    return fact(told.model_copy(update={"value": chosen}), ground)


def match(told: str, values: Iterable[str]) -> str | None:
    """The value that is meant, whatever its case, spaces and hyphens."""
    return next((value for value in values if _plain(value) == _plain(told)), None)


def distinct(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The known ones, each once."""
    found: dict[str, Fact] = {}
    for one in facts:
        if one.known:
            found.setdefault(normalized(one.value), one)
    return tuple(found.values())


def says_place(text: str, value: str) -> bool:
    """Whether a text names a place, by its full name or by a usual abbreviation."""
    return any(_names(text, name) for name in _also_called(value))


def _names(text: str, name: str) -> bool:
    if SHORT_NAME.fullmatch(name):
        return re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", text) is not None
    return says(text, name)


def _also_called(value: str) -> set[str]:
    lists = places()
    folded = value.casefold()
    pairs = [(short, name) for short, name in lists.states.items() if folded in (short.casefold(), name.casefold())]
    country = lists.countries.get(folded, value).casefold()
    written = {name for name, full in lists.countries.items() if full.casefold() == country}
    return {value, *(name for pair in pairs for name in pair), *written}


def _plain(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
