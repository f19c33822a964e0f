"""Segments as people read them: one sentence each, in order, inside the file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from services.transcribe.transcript import Segment, Word

END = re.compile(r"[.!?…。！？]+[\"'”’»)\]]*$")  # noqa: RUF001 - full stops of other scripts are meant
"""How the last word of a sentence ends."""


def tidied(segments: Iterable[Segment], duration: float) -> tuple[Segment, ...]:
    """The segments split into sentences, without empty ones, with times that never run backwards nor past `duration`."""
    split = (sentence for segment in segments for sentence in sentences(segment))
    return tuple(in_order((sentence for sentence in split if sentence.text), duration))


def sentences(segment: Segment) -> Iterator[Segment]:
    """A segment's sentences: by their words, with the segment's own times at both ends, as those are the better ones."""
    groups = list(_groups(segment.words))
    if len(groups) < 2:
        yield replace(segment, text=segment.text.strip())
        return
    for at, words in enumerate(groups):
        yield replace(
            segment,
            start=words[0].start if at else segment.start,
            end=words[-1].end if at < len(groups) - 1 else segment.end,
            text="".join(word.text for word in words).strip(),
            words=words,
        )


def in_order(segments: Iterable[Segment], duration: float) -> Iterator[Segment]:
    """The segments with start ≤ end, no start before the one before it, all between 0 and `duration`; their words too."""
    earliest = 0.0
    for segment in segments:
        start, end = _span(segment.start, segment.end, earliest, duration)
        words = tuple(_words_in_order(segment.words, start, duration))
        yield replace(segment, start=start, end=end, words=words)
        earliest = start


def later(segments: Iterable[Segment], seconds: float) -> Iterator[Segment]:
    """The segments so many seconds later, their words too, to the millisecond."""
    for segment in segments:
        words = tuple(
            word._replace(start=round(word.start + seconds, 3), end=round(word.end + seconds, 3)) for word in segment.words
        )
        yield replace(segment, start=round(segment.start + seconds, 3), end=round(segment.end + seconds, 3), words=words)


def _words_in_order(words: Iterable[Word], earliest: float, duration: float) -> Iterator[Word]:
    for word in words:
        earliest, end = _span(word.start, word.end, earliest, duration)
        yield word._replace(start=earliest, end=end)


def _span(start: float, end: float, earliest: float, latest: float) -> tuple[float, float]:
    start = min(max(start, earliest), max(latest, earliest))
    return start, min(max(end, start), max(latest, start))


def _groups(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    first = 0
    for at, word in enumerate(words):
        if at == len(words) - 1 or END.search(word.text.strip()):
            yield tuple(words[first : at + 1])
            first = at + 1
