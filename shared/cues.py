"""Cues: what is said, in pieces that can be read on a screen while it is said."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.spoken import Segment, glued, realigned, tokens

LINE = 42
"""Columns of a line, as broadcasters set them; Han characters and kana take two."""
LINES = 2
BRIEF = 500
"""Milliseconds below which nobody reads a cue: one that would be cut shorter than this shares the time with the next."""
PAUSE = re.compile(r"[.,;:!?…。、，；：！？]+[\"'”’»)\]]*$")  # noqa: RUF001 - signs of other scripts are meant


@dataclass(frozen=True)
class Cue:
    """What stands on the screen from `start` to `end`, in milliseconds."""

    start: int
    end: int
    lines: tuple[str, ...]
    speaker: str | None = None

    @property
    def length(self) -> int:
        """Characters to read, and one, as even a sign takes time."""
        return sum(map(len, self.lines)) + 1


def cues(segments: Iterable[Segment], *, named: bool = False) -> list[Cue]:
    """The segments as cues that never overlap; `named` lets each new speaker's name stand before what they say."""
    spoken = named_once(segments) if named else segments
    return in_turn(cue for segment in spoken if segment.text.strip() for cue in readable(segment))


def named_once(segments: Iterable[Segment]) -> Iterator[Segment]:
    """The segments with the speaker's name before the text, where somebody else spoke before."""
    before = None
    for segment in segments:
        if segment.speaker is None or segment.speaker == before:
            yield segment
        else:
            yield replace(segment, text=f"{segment.speaker}: {segment.text}")
        before = segment.speaker


def readable(segment: Segment) -> Iterator[Cue]:
    """A segment as cues of at most `LINES` lines: one with the segment's own times, or several that change with the words."""
    parts = tokens(segment.text)
    whole = broken(parts)
    if whole is not None:
        yield Cue(_ms(segment.start), _ms(segment.end), whole, segment.speaker)
        return
    times = realigned(segment.words, segment.text, segment.start, segment.end)
    first = 0
    while first < len(parts):
        stop = first + filling(parts[first:])
        lines = broken(parts[first:stop]) or ("".join(parts[first:stop]).strip(),)
        begin = segment.start if first == 0 else times[first].start
        finish = segment.end if stop == len(parts) else times[stop - 1].end
        yield Cue(_ms(begin), _ms(finish), lines, segment.speaker)
        first = stop


def filling(parts: Sequence[str]) -> int:
    """How many of the words fill a cue: all that fit, or those up to a pause in their second half; one at least."""
    fit = 1
    while fit < len(parts) and broken(parts[: fit + 1]) is not None:
        fit += 1
    if fit == len(parts):
        return fit
    return next((count for count in range(fit, fit // 2, -1) if PAUSE.search(parts[count - 1])), fit)


def broken(parts: Sequence[str]) -> tuple[str, ...] | None:
    """The words on as few lines as they need, each as long as the other; None if they need more than there are."""
    text = "".join(parts).strip()
    if width(text) <= LINE:
        return (text,)
    widths = [width(part) for part in parts]
    if sum(widths) > LINE * LINES + LINES:
        return None
    choices = [("".join(parts[:at]).strip(), "".join(parts[at:]).strip()) for at in range(1, len(parts))]
    fitting = [lines for lines in choices if max(map(width, lines)) <= LINE and glued(*lines) == text]
    return min(fitting, key=lambda lines: max(map(width, lines)), default=None)


def width(text: str) -> int:
    """Columns that a text takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def in_turn(spoken: Iterable[Cue]) -> list[Cue]:
    """The cues one after the other.

    One that lasts into the next ends where that begins, unless nobody could read it then: those two share their time.
    """
    told: list[Cue] = []
    for cue in sorted(spoken, key=lambda cue: cue.start):
        following = replace(cue, end=cue.end if cue.end > cue.start else cue.start + BRIEF)
        if told and following.start < told[-1].end:
            told[-1], following = parted(told[-1], following)
        told.append(following)
    return told


def parted(first: Cue, second: Cue) -> tuple[Cue, Cue]:
    """Two cues that overlap, apart."""
    cut = second.start - first.start
    if cut >= min(BRIEF, (first.end - first.start) / 2):
        return replace(first, end=second.start), second
    end = max(first.end, second.end)
    cut = max(1, (end - first.start) * first.length // (first.length + second.length))
    start = first.start + cut
    return replace(first, end=start), replace(second, start=start, end=max(end, start + 1))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
