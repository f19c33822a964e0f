"""Heights and widths that are spoken or written: `two and a half feet high`, `12 ft wide`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.nova.lexicon import number_words
from services.nova.words import Word

FEET = {"ft": 1.0, "feet": 1.0, "foot": 1.0, "m": 3.281, "meter": 3.281, "metre": 3.281}
DIMENSIONS = {"high": "height", "tall": "height", "height": "height", "wide": "width", "width": "width", "across": "width"}
NUMBERS = {word: float(value) for value, word in enumerate(number_words())}
JOINTS = frozenset({"to", "or", "about"})
BEFORE, AFTER = 5, 2
"""Words before the unit that may belong to the number, and after it that may name the dimension."""


class Measure(NamedTuple):
    """A height or width in feet, and the words that give it."""

    dimension: str
    feet: float
    first: int
    last: int


def measures(words: Sequence[Word]) -> Iterator[Measure]:
    """Every measure with a number, a unit and a dimension; a range counts as its middle."""
    for at, word in enumerate(words):
        if word.stem not in FEET:
            continue
        first, number = _number(words, at)
        named = _dimension(words, at)
        if number is not None and named is not None:
            yield Measure(DIMENSIONS[words[named].stem], number * FEET[word.stem], first, max(named, at))


def _dimension(words: Sequence[Word], unit: int) -> int | None:
    after = range(unit + 1, min(len(words), unit + 1 + AFTER))
    before = range(unit - 1, max(-1, unit - 1 - BEFORE), -1)
    near = (at for at in (*after, *before) if words[at].clause == words[unit].clause)
    return next((at for at in near if words[at].stem in DIMENSIONS), None)


def _number(words: Sequence[Word], unit: int) -> tuple[int, float | None]:
    first, values, half = unit, list[float](), 0.0
    for at in range(unit - 1, max(-1, unit - 1 - BEFORE), -1):
        text = words[at].stem
        if words[at].clause != words[unit].clause:
            break
        if text == "half":
            half = 0.5
        elif (value := _value(text)) is not None:
            values.append(value)
        elif text not in JOINTS and not (half and text in {"and", "a"}):
            break
        first = at
    if values:
        return first, sum(values) / len(values) + half
    return first, half or None


def _value(text: str) -> float | None:
    return float(text) if text[0].isdecimal() else NUMBERS.get(text)
