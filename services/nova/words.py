"""Words of speech and of names, told apart from what joins them, with the time at which they are said."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from services.nova.analyst import Segment

LETTER = r"[^\W\d_]|[\u0300-\u036f\u0591-\u05bd\u064b-\u0655\u0670\u0900-\u0dff\u0e31-\u0e4e]"
"""A letter, or a mark that Latin, Hebrew, Arabic, Indic and Thai letters carry, which `\\w` leaves out."""
WORD = re.compile(rf"\d+(?:\.\d+)?|(?:{LETTER})+(?:['\u2019](?:{LETTER})+)*")
BREAK = re.compile(r"[.,;:!?…。、，；：！？؟،؛()\[\]{}\"“”«»]|\s[-–—]+\s")  # noqa: RUF001 - punctuation of other scripts
SENTENCE_END = frozenset(".!?…。！？؟")  # noqa: RUF001 - as above
KEEP_S = ("ss", "us", "is")
"""Endings whose s is no plural: stainless, Ulysses, basis."""
SILENCE = 2.0
"""Seconds without speech after which the next words are a new sentence, whatever the punctuation."""


class Word(NamedTuple):
    """One word as written, its stem for comparing, and the segment it is said in."""

    text: str
    stem: str
    start: float
    end: float
    segment: int
    clause: int
    """Counts up at each comma or stop: what belongs together has the same number."""
    sentence: int


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without case and plural: `Boulders` and `boulder` compare equal."""
    folded = word.casefold().replace("\u2019", "'").removesuffix("'s")
    if len(folded) > 3 and folded.endswith("s") and not folded.endswith(KEEP_S):
        return folded[:-1]
    return folded


def said(segments: Iterable[Segment]) -> tuple[Word, ...]:
    """The words of a transcript, in order; a sentence goes on across segments until a stop or a silence ends it."""
    return tuple(_walk(segments))


def _walk(segments: Iterable[Segment]) -> Iterator[Word]:
    clause = sentence = 0
    before = 0.0
    for number, segment in enumerate(segments):
        silent = segment.start - before > SILENCE
        clause, sentence, before = clause + silent, sentence + silent, segment.end
        position = 0
        for match in WORD.finditer(segment.text):
            between = segment.text[position : match.start()]
            clause += bool(BREAK.search(between))
            sentence += not SENTENCE_END.isdisjoint(between)
            yield Word(match[0], stem(match[0]), segment.start, segment.end, number, clause, sentence)
            position = match.end()
        rest = segment.text[position:]
        clause += bool(BREAK.search(rest))
        sentence += not SENTENCE_END.isdisjoint(rest)


def written(tokens: Iterable[str], place: int = 0) -> tuple[Word, ...]:
    """The tokens of one name as words without times; `place` tells names apart."""
    return tuple(Word(token, stem(token), 0.0, 0.0, place, place, place) for token in tokens)
