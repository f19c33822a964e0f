"""Whether words say that a thing is there, or that it is not."""

from collections.abc import Sequence
from itertools import pairwise

from services.nova.lexicon import denial_words
from services.nova.words import Word

LISTS = denial_words()
NEGATORS, OVER, ARTICLES, ABSENCES = LISTS.negators, LISTS.turns, LISTS.articles, LISTS.absences
IDIOMS = frozenset({("a", "doubt"), *((negator, word) for negator in ("no", "not") for word in LISTS.undenied)})
"""A negation and the word after it that together deny nothing."""
BEFORE = 5
"""Words back from a thing within which a negation still reaches it."""


def denied(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the thing named by the words `first` to `last` is said to be absent."""
    return _denied_before(words, first) or _denied_after(words, last) or _replaced(words, first)


def _denied_before(words: Sequence[Word], first: int) -> bool:
    for at in range(first - 1, max(-1, first - 1 - BEFORE), -1):
        word, after = words[at], words[at + 1]
        if word.clause != words[first].clause or word.stem in OVER or (word.stem == "and" and after.stem in ARTICLES):
            return False
        if word.stem in NEGATORS:
            return (word.stem, after.stem) not in IDIOMS and not _doubted(words, at)
    return False


def _doubted(words: Sequence[Word], at: int) -> bool:
    following = tuple(word.stem for word in words[at + 1 : at + 3])
    return following in IDIOMS or following[:1] == ("doubt",)


def _denied_after(words: Sequence[Word], last: int) -> bool:
    following = [word.stem for word in words[last + 1 : last + 4] if word.clause == words[last].clause]
    match following:
        case ["is" | "was" | "are" | "were", "not", state, *_]:
            return state in ABSENCES
        case ["isn't" | "wasn't" | "aren't" | "weren't", state, *_]:
            return state in ABSENCES
    return False


def _replaced(words: Sequence[Word], first: int) -> bool:
    before = [word.stem for word in words[max(0, first - 3) : first] if word.sentence == words[first].sentence]
    pairs = tuple(pairwise(before))
    return ("instead", "of") in pairs or ("rather", "than") in pairs
