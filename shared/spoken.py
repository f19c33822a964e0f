"""What is said, and when: a segment's words, and how a corrected text gets times for its own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import Any

UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and Han characters, between which nobody writes spaces: each is a word of its own here."""
TOKEN = re.compile(f"\\s?(?:[{UNSPACED}]|[^\\s{UNSPACED}]+)")
AT_BOTH_ENDS = re.compile(f"[{UNSPACED}]\\Z"), re.compile(f"[{UNSPACED}]")
SIGNS = re.compile(r"[\W_]+")
BREATH = 0.05
"""Seconds that a word takes at least: where new words have less room, their neighbours are moved too."""


@dataclass(frozen=True)
class Word:
    """A word and when it is said, in seconds; `probability` is the model's, `estimated` says that nobody measured the times."""

    start: float
    end: float
    text: str
    probability: float | None = None
    estimated: bool = False


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of speech, in seconds; its words are none where nobody measured them."""

    start: float
    end: float
    text: str
    speaker: str | None = None
    words: tuple[Word, ...] = ()


def word_of(row: Mapping[str, Any]) -> Word:
    """A word as the database has it."""
    return Word(row["start"], row["end"], row["text"], row.get("probability"), row.get("estimated", False))


def row_of(word: Word) -> dict[str, Any]:
    """A word as the database has it; only an estimate says what it is."""
    row = {"start": round(word.start, 3), "end": round(word.end, 3), "text": word.text, "probability": word.probability}
    return {**row, "estimated": True} if word.estimated else row


def tokens(text: str) -> list[str]:
    """The words of a text, each with the space before it if there is one; together they are the text on one line."""
    return TOKEN.findall(" ".join(text.split()))


def glued(first: str, second: str) -> str:
    """Two texts one after the other, with a space between them where people write one."""
    last, begin = AT_BOTH_ENDS
    return f"{first}{'' if last.search(first) and begin.match(second) else ' '}{second}"


def words_of(segment: Segment) -> tuple[Word, ...]:
    """A segment's words: as they were measured, else estimated."""
    return segment.words or spread(tokens(segment.text), segment.start, segment.end)


def spread(parts: Sequence[str], start: float, end: float) -> tuple[Word, ...]:
    """Words that share a span by their length."""
    if not parts:
        return ()
    lengths = [len(part.strip()) for part in parts]
    second = (end - start) / max(1, sum(lengths))
    bounds = [*(start + second * before for before in accumulate(lengths[:-1], initial=0)), end]
    return tuple(
        Word(begin, finish, part.strip(), estimated=True) for part, (begin, finish) in zip(parts, pairwise(bounds), strict=True)
    )


def realigned(words: Sequence[Word], text: str, start: float, end: float) -> tuple[Word, ...]:
    """The words of a corrected segment.

    Words that stay keep their times as far as those lie within the segment; the others share what is between them.
    """
    parts = tokens(text)
    slots = _kept([piece for word in words for piece in _pieces(word)], parts, start, end)
    _make_room(slots, start, end)
    for run in list(_runs(slots)):
        slots[run.start : run.stop] = spread(parts[run.start : run.stop], *_bounds(slots, run, start, end))
    return tuple(word for word in slots if word is not None)


def _make_room(slots: list[Word | None], start: float, end: float) -> None:
    """Take the times of neighbours away where the words between them would have no time to be said."""
    while cramped := next((run for run in _runs(slots) if _is_cramped(slots, run, start, end)), None):
        first, stop = max(0, cramped.start - 1), min(len(slots), cramped.stop + 1)
        slots[first:stop] = [None] * (stop - first)


def _kept(words: Sequence[Word], parts: Sequence[str], start: float, end: float) -> list[Word | None]:
    """For each word of the new text the old one that it still is, if that is said between `start` and `end`."""
    slots: list[Word | None] = [None] * len(parts)
    same = SequenceMatcher(None, [_sound(word.text) for word in words], [_sound(part) for part in parts], autojunk=False)
    for block in same.get_matching_blocks():
        for at in range(block.size):
            word = words[block.a + at]
            if word.start < end and word.end > start:
                begin, finish = max(word.start, start), min(word.end, end)
                slots[block.b + at] = replace(word, start=begin, end=finish, text=parts[block.b + at].strip())
    return slots


def _pieces(word: Word) -> tuple[Word, ...]:
    """A word as the words that `tokens` would make of it, which share its time."""
    parts = tokens(word.text)
    if len(parts) < 2:
        return (word,)
    return tuple(
        replace(piece, probability=word.probability, estimated=word.estimated) for piece in spread(parts, word.start, word.end)
    )


def _sound(text: str) -> str:
    """What is heard of a word: signs and capitals are not."""
    return SIGNS.sub("", text).casefold() or text.strip()


def _runs(slots: Sequence[Word | None]) -> Iterator[range]:
    """Stretches of words that have no times yet."""
    first = 0
    for at, slot in enumerate([*slots, Word(0, 0, "")]):
        if slot is not None:
            if first < at:
                yield range(first, at)
            first = at + 1


def _bounds(slots: Sequence[Word | None], run: range, start: float, end: float) -> tuple[float, float]:
    before = slots[run.start - 1] if run.start else None
    after = slots[run.stop] if run.stop < len(slots) else None
    return before.end if before else start, after.start if after else end


def _is_cramped(slots: Sequence[Word | None], run: range, start: float, end: float) -> bool:
    earliest, latest = _bounds(slots, run, start, end)
    return len(run) < len(slots) and latest - earliest < BREATH * len(run)
