"""Finding the terms of a lexicon in words: longest match first, misleading phrases masked, negated ones told apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.nova.local.negation import denied
from services.nova.provenance import Evidence
from services.nova.reading import Text
from services.nova.words import WORD, Word, stem

GAP = "*"
"""In a phrase: up to `GAP_WORDS` words of any kind."""
GAP_WORDS = 3


class Mention(NamedTuple):
    """One place where a term is found."""

    term: str
    phrase: str
    evidence: Evidence
    denied: bool


class Phrase(NamedTuple):
    """A phrase of the lexicon as stems, and the term that it stands for; a mask stands for none."""

    stems: tuple[str, ...]
    text: str
    term: str | None


class Lexicon:
    """Phrases by their first word, so that a text is walked once whatever the number of terms."""

    def __init__(self, terms: Mapping[str, Iterable[str]], masks: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[Phrase]] = defaultdict(list)
        for term, phrases in terms.items():
            for phrase in phrases:
                self._add(phrase, term)
        for phrase in masks:
            self._add(phrase, None)

    def _add(self, text: str, term: str | None) -> None:
        stems = tuple(part if part == GAP else stem(part) for part in (WORD.findall(text) if GAP not in text else text.split()))
        self._by_first[stems[0]].append(Phrase(stems, text, term))

    def mentions(self, text: Text) -> Iterator[Mention]:
        """Every term in the text, in order of its place; of overlapping phrases for one term the first and longest."""
        found = list(self._matches(text.words))
        masked = {at for first, last, phrase in found if phrase.term is None for at in range(first, last + 1)}
        taken: dict[str, int] = {}
        for first, last, phrase in sorted(found, key=lambda match: (match[0], -match[1])):
            if phrase.term is None or taken.get(phrase.term, -1) >= first or not masked.isdisjoint(range(first, last + 1)):
                continue
            taken[phrase.term] = last
            yield Mention(phrase.term, phrase.text, text.quote(first, last), denied(text.words, first, last))

    def _matches(self, words: Sequence[Word]) -> Iterator[tuple[int, int, Phrase]]:
        for first, word in enumerate(words):
            for phrase in self._by_first.get(word.stem, ()):
                last = first if len(phrase.stems) == 1 else _match(words, first, phrase.stems)
                if last is not None:
                    yield first, last, phrase


def _match(words: Sequence[Word], first: int, stems: tuple[str, ...]) -> int | None:
    """Index of the last word if the phrase stands at `first`, within one sentence."""
    at = first
    for number, part in enumerate(stems):
        if part == GAP:
            rest = stems[number + 1 :]
            ends = (_match(words, at + skip, rest) for skip in range(GAP_WORDS + 1))
            return next((end for end in ends if end is not None and words[end].sentence == words[first].sentence), None)
        if at >= len(words) or words[at].stem != part or words[at].sentence != words[first].sentence:
            return None
        at += 1
    return at - 1
