"""A title for a chapter out of its most telling words."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import log

from services.nova.local.sentences import Sentence
from services.nova.words import WORD, stem

WORDS = 3
FIRST_WORDS = 6
"""Words of the opening that make the title if none of them is telling."""


def titles(chapters: Sequence[Sequence[Sentence]]) -> list[str]:
    """One title per chapter: the words it says often and the other chapters do not, in the order in which they come up."""
    counts = [Counter(term for sentence in chapter for term in sentence.terms) for chapter in chapters]
    spread = Counter(term for count in counts for term in count)
    return [_title(chapter, _telling(count, spread, len(chapters))) for chapter, count in zip(chapters, counts, strict=True)]


def _telling(count: Counter[str], spread: Counter[str], chapters: int) -> set[str]:
    # Squared, since with few chapters the logarithm alone hardly tells a chapter's own words from those of all.
    weight = {term: times * log(1 + chapters / spread[term]) ** 2 for term, times in count.items()}
    # Sorting is stable and counting keeps order: of equals the word that was said first.
    return set(sorted(weight, key=lambda term: -round(weight[term], 9))[:WORDS])


def _title(chapter: Sequence[Sentence], telling: set[str]) -> str:
    words = [word for sentence in chapter for word in WORD.findall(sentence.text)]
    first: dict[str, int] = {}
    for at, word in enumerate(words):
        if stem(word) in telling:
            first.setdefault(stem(word), at)
    places = list(first.values())
    if not places:
        return _capital(" ".join(words[:FIRST_WORDS]))
    joints = ["", *(" " if after == before + 1 else ", " for before, after in pairwise(places))]
    return _capital("".join(joint + words[at] for joint, at in zip(joints, places, strict=True)))


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
