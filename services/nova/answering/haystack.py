"""Finding words among words, however they are spaced, hyphened or cased."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from services.nova.names import tokens
from services.nova.words import stem

UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Letters of scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


class Haystack:
    """Words in which others are looked for; in scripts without spaces a match may begin and end within a run of letters."""

    def __init__(self, words: Iterable[str]) -> None:
        stems = [stem(word) for word in words]
        ends = list(accumulate(map(len, stems)))
        self._text = "".join(stems)
        self._starts = [0, *ends[:-1]]
        self._ends = frozenset(ends)

    def found(self, phrase: str) -> Iterator[tuple[int, int]]:
        """Numbers of the first and the last word of each place where the phrase stands."""
        needle = squeezed(phrase)
        within = bool(UNSPACED.search(needle))
        at = self._text.find(needle) if needle else -1
        while at >= 0:
            first, last = bisect_right(self._starts, at) - 1, bisect_right(self._starts, at + len(needle) - 1) - 1
            if within or (self._starts[first] == at and at + len(needle) in self._ends):
                yield first, last
            at = self._text.find(needle, at + 1)


def squeezed(phrase: str) -> str:
    """The stems of a phrase's words without what is between them."""
    return "".join(map(stem, tokens(phrase)))


def says(text: str, value: str) -> bool:
    """Whether a text has the words of a value, in any order, or the value as it is written."""
    words = {stem(token) for token in tokens(value)}
    return bool(words) and (words <= {stem(token) for token in tokens(text)} or any(Haystack(tokens(text)).found(value)))
