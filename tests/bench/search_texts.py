"""Sentences of made-up words, as in speech: a few words are in most of them, and most words in few; and what is asked for."""

from collections.abc import Iterator
from itertools import count, islice

import numpy as np

WORDS = 20_000
"""Of the language."""
LENGTHS = (6, 18)
"""Words of a sentence."""
EXPONENT = 1.1
"""Of the frequency of words by their place (Zipf)."""
SYLLABLES = ("ba", "do", "ke", "li", "mu", "na", "po", "ra", "su", "ti", "vo", "ze", "fa", "go", "hi", "je")
CHUNK = 10_000
COMMON, RARE = 20, 3000
"""Places from which words count as common enough to ask for, and as rare."""


def word(place: int) -> str:
    """The word at a place of the list by frequency, from 0: four syllables, which spell the place."""
    return "".join(SYLLABLES[place >> shift & 15] for shift in (12, 8, 4, 0))


def texts(number: int) -> Iterator[str]:
    """The same in every run, and the first of more."""
    return islice(_endlessly(), number)


def terms(number: int) -> list[str]:
    """Queries, of which none comes twice: single words from common to rare, pairs of them, and phrases that are said."""
    random = np.random.default_rng(2)
    said = [text.split() for text in texts(number)]
    found = []
    for at in range(number):
        words = said[at]
        start = int(random.integers(0, len(words) - 1))
        one = word(int(COMMON * (RARE / COMMON) ** (at / number)))
        found.append([one, f"{words[start]} {one}", f'"{words[start]} {words[start + 1]}"', word(RARE + at * 7)][at % 4])
    return found


def _endlessly() -> Iterator[str]:
    for begin in count(step=CHUNK):
        yield from (" ".join(map(word, sentence)) for sentence in _sentences(begin))


def _sentences(begin: int) -> Iterator[list[int]]:
    random = np.random.default_rng([3, begin])
    lengths = random.integers(*LENGTHS, CHUNK)
    places = np.minimum(random.zipf(EXPONENT, int(lengths.sum())) - 1, WORDS - 1)
    # What is beyond the list would pile up at its end.
    rest = places == WORDS - 1
    places[rest] = random.integers(0, WORDS, int(rest.sum()))
    at = 0
    for length in lengths:
        yield places[at : at + length].tolist()
        at += length


def misspelt(term: str) -> str:
    """A word with two of its letters in each other's place."""
    return term[:2] + term[3] + term[2] + term[4:]
