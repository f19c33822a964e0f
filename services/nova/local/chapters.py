"""Chapters: where the topic shifts, with edges at silences and cuts; by cuts alone where nobody speaks."""

from bisect import bisect, insort
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, pstdev
from typing import NamedTuple

from services.nova.analyst import Chapter
from services.nova.local.centrality import central
from services.nova.local.cohesion import depths
from services.nova.local.confidence import TRUST
from services.nova.local.sentences import Sentence
from services.nova.local.titles import titles
from services.nova.provenance import Evidence, Source

SHORTEST = 10.0
"""Seconds; a shorter stretch is a remark, not a chapter."""
MOST = 30
"""Chapters of a long file, beyond which nobody reads the list."""
CLEAR = 0.2
"""How sure a topic shift must be, however calm the rest of the text."""
PAUSE, PAUSE_WEIGHT = 4.0, 0.3
"""Seconds of silence that speak as clearly as they can for a new chapter, and how much they say."""
CUT_WEIGHT = 0.1
SLACK = 0.5
"""Seconds by which the times of speech may be off."""
SNAP = 5.0
"""Seconds before the first word within which a cut is taken for the beginning."""


class Edge(NamedTuple):
    """Where a chapter may begin: time, how much speaks for it, and the number of the first sentence after it."""

    time: float
    score: float
    sentence: int


def chapters(duration: float, sentences: Sequence[Sentence], shots: Sequence[float], name: Evidence) -> tuple[Chapter, ...]:
    """Chapters that cover 0 to `duration` seconds without gap or overlap, none shorter than ten seconds unless the file is.

    `sentences` in order of their start. `name` titles a file of one chapter without speech.
    """
    if duration <= 0:
        return ()
    cuts = sorted({shot for shot in shots if 0 < shot < duration})
    heard = [sentence for sentence in sentences if sentence.start < duration]
    if heard:
        return _by_speech(duration, heard, cuts)
    return _by_shots(duration, cuts, name)


def spacing(duration: float) -> float:
    """Seconds that edges are apart at least, in a file of this length."""
    return max(duration / MOST, SHORTEST)


def _by_speech(duration: float, sentences: list[Sentence], cuts: list[float]) -> tuple[Chapter, ...]:
    edges = _chosen(_edges(sentences, cuts), duration)
    starts = [Edge(0.0, edges[0].score if edges else CLEAR, 0), *edges]
    bounds = [*starts, Edge(duration, 0.0, len(sentences))]
    parts = [sentences[here.sentence : after.sentence] for here, after in pairwise(bounds)]
    return tuple(
        _spoken_chapter(here, after.time, title, part)
        for (here, after), title, part in zip(pairwise(bounds), titles(parts), parts, strict=True)
    )


def _spoken_chapter(edge: Edge, end: float, title: str, part: list[Sentence]) -> Chapter:
    best = part[central(part, 1)[0]]
    return Chapter(
        start=edge.time,
        end=end,
        title=title,
        summary=best.text,
        source=Source.TRANSCRIPT,
        evidence=(best.evidence,),
        confidence=round(TRUST[Source.TRANSCRIPT] * min(0.5 + edge.score, 1), 2),
    )


def _edges(sentences: list[Sentence], cuts: list[float]) -> list[Edge]:
    """The gaps between sentences that stand out."""
    edges = []
    for number, depth in enumerate(depths(sentences)):
        before, after = sentences[number], sentences[number + 1]
        cut = _cut(before, after, cuts)
        pause = max(after.start - before.end, 0.0)
        score = depth + PAUSE_WEIGHT * min(pause / PAUSE, 1) + CUT_WEIGHT * (cut is not None)
        edges.append(Edge(after.start - min(pause / 2, SLACK) if cut is None else cut, round(score, 6), number + 1))
    scores = [edge.score for edge in edges]
    least = max(CLEAR, fmean(scores) + pstdev(scores) / 2) if scores else CLEAR
    return [edge for edge in edges if edge.score >= least]


def _cut(before: Sentence, after: Sentence, cuts: list[float]) -> float | None:
    """The last cut in the silence between two sentences that is near the second."""
    first = max(before.start, before.end - SLACK, after.start - SNAP)
    at = bisect(cuts, after.start + SLACK) - 1
    return cuts[at] if at >= 0 and cuts[at] >= first else None


def _chosen(edges: list[Edge], duration: float) -> list[Edge]:
    """The clearest edges that keep their distance from each other and from both ends."""
    apart = spacing(duration)
    times = [0.0, duration]
    chosen = []
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.time)):
        at = bisect(times, edge.time)
        if 0 < at < len(times) and edge.time - times[at - 1] >= apart <= times[at] - edge.time:
            insort(times, edge.time)
            chosen.append(edge)
    return sorted(chosen)


def _by_shots(duration: float, cuts: list[float], name: Evidence) -> tuple[Chapter, ...]:
    apart = spacing(duration)
    times = [0.0]
    for cut in cuts:
        if cut - times[-1] >= apart <= duration - cut:
            times.append(cut)
    if len(times) == 1:
        return (_whole(duration, name),)
    return tuple(_silent_chapter(start, end, cuts) for start, end in pairwise([*times, duration]))


def _whole(duration: float, name: Evidence) -> Chapter:
    return Chapter(
        start=0,
        end=duration,
        title=name.phrase,
        summary="The whole file; no speech.",
        source=name.source,
        evidence=(name,),
        confidence=TRUST[name.source],
    )


def _silent_chapter(start: float, end: float, cuts: list[float]) -> Chapter:
    first, last = bisect(cuts, start) + 1, bisect(cuts, end - 1e-9) + 1
    title = f"Shot {first}" if first == last else f"Shots {first} to {last}"
    evidence = Evidence(source=Source.SHOTS, phrase=title, start=start, end=end)
    return Chapter(
        start=start,
        end=end,
        title=title,
        summary=f"{last - first + 1} shots, no speech." if last > first else "One shot, no speech.",
        source=Source.SHOTS,
        evidence=(evidence,),
        confidence=TRUST[Source.SHOTS],
    )
