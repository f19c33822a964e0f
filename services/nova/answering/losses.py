"""What of an answer could not be kept, counted, to be told in plain words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class Loss(Enum):
    """Why something was left out: for one, and for many."""

    QUOTE = (
        "1 quote was not found where it is said to come from, and was left out.",
        "{} quotes were not found where they are said to come from, and were left out.",
    )
    VALUE = ("1 value had no evidence left, and is unknown.", "{} values had no evidence left, and are unknown.")
    CHOICE = (
        "1 answer is none of the values that there are, and is unknown.",
        "{} answers are none of the values that there are, and are unknown.",
    )
    ELEMENT = ("1 element had no evidence left, and was left out.", "{} elements had no evidence left, and were left out.")
    PERSON = (
        "1 person was named where only roles belong, and was left out.",
        "{} people were named where only roles belong, and were left out.",
    )
    OUTSIDE = (
        "1 stretch of time lies outside the clip, and was left out.",
        "{} stretches of time lie outside the clip, and were left out.",
    )
    JOINED = (
        "1 chapter was too short, and was joined to its neighbour.",
        "{} chapters were too short, and were joined to their neighbours.",
    )
    CHAPTERS = ("No chapter was told.", "No chapter was told.")


@dataclass
class Losses:
    """Counts while an answer is held against its file."""

    counted: Counter[Loss] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    """Of customers, projects, products and places that nothing says: they must not come back as keywords."""

    def note(self, loss: Loss, count: int = 1) -> None:
        """One more of a sort."""
        self.counted[loss] += count

    def sentences(self) -> Iterator[str]:
        """One sentence for each sort, in a fixed order."""
        for loss in Loss:
            if count := self.counted[loss]:
                one, many = loss.value
                yield one if count == 1 else many.format(count)
