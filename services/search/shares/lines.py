"""What is said in a span, and nothing of what is said before and after it. Pure."""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

from shared.spoken import Segment, glued


class Line(NamedTuple):
    """A line of a transcript, in seconds of what the guest is shown."""

    start: float
    end: float
    text: str


def lines_of(segments: Iterable[Segment], span: tuple[float, float] | None) -> list[Line]:
    """The lines of a span, by its own clock; all of them where there is no span.

    Of a segment that begins before the span or ends after it, the words in it; all of it is left out where nobody knows when
    its words are said.
    """
    if span is None:
        return [Line(segment.start, segment.end, segment.text.strip()) for segment in segments]
    return [line for segment in segments if (line := _within(segment, *span))]


def _within(segment: Segment, starts: float, ends: float) -> Line | None:
    if starts <= segment.start and segment.end <= ends:
        return _line(segment.start, segment.end, segment.text, starts)
    words = [word for word in segment.words if starts <= (word.start + word.end) / 2 <= ends]
    if not words:
        return None
    return _line(max(words[0].start, starts), min(words[-1].end, ends), reduce(glued, (word.text for word in words)), starts)


def _line(start: float, end: float, text: str, zero: float) -> Line:
    return Line(round(start - zero, 3), round(end - zero, 3), text.strip())
