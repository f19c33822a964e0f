"""The chapters of a file from those of its chunks, which saw the time around each seam twice."""

from collections.abc import Sequence
from itertools import pairwise

from services.nova.analyst import Chapter
from services.nova.chunking.plan import Chunk
from services.nova.chunking.uniting import evidence
from services.nova.lexicon import everyday
from services.nova.words import WORD, stem

SLIVER = 2.0
"""Seconds; of a chapter of which a seam leaves less than this, nothing is left."""
ALIKE = 2 / 3
"""The share of the shorter title's words that the other one must have for both to be about the same."""

Part = tuple[Chunk, tuple[Chapter, ...]]


def joined(parts: Sequence[Part], duration: float) -> tuple[Chapter, ...]:
    """The chapters of chunks in order, as chapters of the whole: in order, without gap or overlap, from 0 to its end."""
    told = [part for part in parts if part[1]]
    if not told or duration <= 0:
        return ()
    chapters: list[Chapter] = []
    for (_, own), (start, end) in zip(told, pairwise(_seams(told, duration)), strict=True):
        kept = _between(own, start, end)
        if chapters and kept and _same_topic(chapters[-1], kept[0]):
            kept[0] = _united(chapters.pop(), kept[0])
        chapters += kept
    return _covering(chapters or [max((chapter for _, own in told for chapter in own), key=_length)], duration)


def _seams(parts: Sequence[Part], duration: float) -> list[float]:
    """Up to where each chunk's chapters count, behind the beginning."""
    seams = [0.0]
    for one, other in pairwise(parts):
        seams.append(min(max(_seam(one, other), seams[-1]), duration))
    return [*seams, duration]


def _seam(one: Part, other: Part) -> float:
    """Where one chunk gives way to the next: in the middle of what both saw, or at the chapter's edge that is nearest."""
    earliest, latest = sorted((other[0].start, one[0].end))
    middle = (earliest + latest) / 2
    edges = [chapter.start for _, own in (one, other) for chapter in own[1:] if earliest <= chapter.start <= latest]
    return min(edges, key=lambda edge: (abs(edge - middle), edge), default=middle)


def _between(chapters: Sequence[Chapter], start: float, end: float) -> list[Chapter]:
    """The chapters within a stretch, without those of which it leaves a sliver."""
    cut = [(chapter, max(chapter.start, start), min(chapter.end, end)) for chapter in chapters]
    return [_moved(chapter, first, last) for chapter, first, last in cut if 0 < last - first >= min(SLIVER, _length(chapter))]


def _same_topic(one: Chapter, other: Chapter) -> bool:
    words, others = _topic(one.title), _topic(other.title)
    return len(words & others) >= ALIKE * min(len(words), len(others)) > 0


def _topic(title: str) -> frozenset[str]:
    """The words that say what a chapter is about; all of them where none does."""
    stems = frozenset(stem(word) for word in WORD.findall(title))
    return stems - everyday() or stems


def _united(one: Chapter, other: Chapter) -> Chapter:
    """One chapter of two that a seam came between, called as the longer."""
    texts = (one.summary, other.summary)
    return max(one, other, key=_length).model_copy(
        update={
            "start": one.start,
            "end": other.end,
            "raw_start": one.raw_start,
            "raw_end": other.raw_end,
            "summary": " ".join(dict.fromkeys(text for text in texts if text.strip())),
            "evidence": evidence((one, other)),
            "confidence": min(one.confidence, other.confidence),
        }
    )


def _covering(chapters: Sequence[Chapter], duration: float) -> tuple[Chapter, ...]:
    """The chapters with each beginning where the one before ends, the first at 0 and the last up to the end."""
    edges = [0.0, *(chapter.start for chapter in chapters[1:]), duration]
    return tuple(_moved(chapter, start, end) for chapter, (start, end) in zip(chapters, pairwise(edges), strict=True))


def _moved(chapter: Chapter, start: float, end: float) -> Chapter:
    """The chapter with other edges; where it had them before stays known."""
    raw_start = chapter.start if chapter.raw_start is None and start != chapter.start else chapter.raw_start
    raw_end = chapter.end if chapter.raw_end is None and end != chapter.end else chapter.raw_end
    return chapter.model_copy(update={"start": start, "end": end, "raw_start": raw_start, "raw_end": raw_end})


def _length(chapter: Chapter) -> float:
    return chapter.end - chapter.start
