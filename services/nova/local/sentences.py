"""Speech cut into sentences with times."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.nova.analyst import Segment
from services.nova.lexicon import everyday
from services.nova.provenance import Evidence, Source
from services.nova.words import SILENCE, WORD, stem

END = re.compile(r"(?<=[.!?…。！？؟])(?=\s|$)|(?<=[。！？؟])")  # noqa: RUF001 - stops of other scripts
LONGEST = 40
"""Words after which an unpunctuated sentence ends with its segment."""


TELLING = 80
"""Telling words kept of one sentence: a page without a stop must not weigh, or cost, more than a sentence."""


class Sentence(NamedTuple):
    """One sentence as said, and the stems of its telling words in order."""

    text: str
    start: float
    end: float
    terms: tuple[str, ...]

    @property
    def evidence(self) -> Evidence:
        """The sentence as evidence."""
        return Evidence(source=Source.TRANSCRIPT, phrase=self.text, start=self.start, end=self.end)


def sentences(segments: Iterable[Segment]) -> tuple[Sentence, ...]:
    """The sentences of a transcript; one may run over several segments, and a segment may hold several."""
    return tuple(_sentence(pieces) for pieces in _gathered(segments))


def _gathered(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    pieces: list[Segment] = []
    words = 0
    for piece in (piece for segment in segments for piece in _pieces(segment)):
        if pieces and (piece.start - pieces[-1].end > SILENCE or words > LONGEST):
            yield pieces
            pieces, words = [], 0
        pieces.append(piece)
        words += piece.text.count(" ") + 1
        if END.search(piece.text):
            yield pieces
            pieces, words = [], 0
    if pieces:
        yield pieces


def _pieces(segment: Segment) -> Iterator[Segment]:
    """A segment cut after each stop, its time shared out by length of text."""
    length = max(len(segment.text), 1)
    seconds = max(segment.end - segment.start, 0.0)
    position = 0
    for text in END.split(segment.text):
        start = segment.start + seconds * position / length
        position += len(text)
        if WORD.search(text):
            yield Segment(start=start, end=segment.start + seconds * position / length, text=text.strip())


def _sentence(pieces: list[Segment]) -> Sentence:
    text = " ".join(piece.text for piece in pieces)
    return Sentence(text, pieces[0].start, max(pieces[0].start, pieces[-1].end), terms(text)[:TELLING])


def terms(text: str) -> tuple[str, ...]:
    """Stems of the words that say what a text is about."""
    stems = (stem(word) for word in WORD.findall(text))
    return tuple(word for word in stems if len(word) > 1 and word not in everyday() and not word[0].isdigit())
