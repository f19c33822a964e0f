"""Chapters as a model tells them, repaired so that together they cover the clip without gap or overlap."""

from collections.abc import Iterable
from typing import NamedTuple

from services.nova.analyst import Chapter, Span
from services.nova.answering.answer import Part
from services.nova.answering.clock import Clip
from services.nova.answering.edges import pauses_of, snapped, touching
from services.nova.answering.facts import trust
from services.nova.answering.grounding import QUOTES, Ground
from services.nova.answering.losses import Loss
from services.nova.prompting.context import spoken_in
from services.nova.prompting.data import line
from services.nova.provenance import Source
from shared.contracts import Kind

SHORTEST = 2.0
"""Seconds; what is shorter is a slip of the model, not a chapter."""
LONGEST_TITLE, LONGEST_SUMMARY = 120, 1000
"""Characters."""


class Placed(NamedTuple):
    """A chapter as it was told, in the file's clock."""

    start: float
    end: float
    told: Part


def chapters(parts: Iterable[Part], ground: Ground) -> tuple[Chapter, ...]:
    """The chapters of the clip; empty if none was told or the clip has no length."""
    clip = ground.clip
    if clip is None or clip.end <= clip.start:
        return ()
    placed = _placed(parts, clip, ground)
    if not placed:
        ground.losses.note(Loss.CHAPTERS)
        return ()
    cuts = sorted(cut for cut in ground.material.shots if clip.start < cut < clip.end)
    speech = spoken_in(ground.material, Span(start=clip.start, end=clip.end))
    starts = [clip.start, *(one.start for one in placed[1:])]
    edges = snapped(starts, clip.end, cuts, pauses_of(speech, clip.start, clip.end))
    told = [_chapter(one, stretch, ground) for one, stretch in zip(placed, touching(edges, clip.end), strict=True)]
    return tuple(_without_tiny(told, ground))


def _placed(parts: Iterable[Part], clip: Clip, ground: Ground) -> list[Placed]:
    placed = []
    for part in parts:
        span = clip.span(part.start, part.end)
        if span is None:
            ground.losses.note(Loss.OUTSIDE)
        else:
            placed.append(Placed(span.start, span.end, part))
    return sorted(placed, key=lambda one: (one.start, one.end))


def _chapter(placed: Placed, stretch: tuple[float, float], ground: Ground) -> Chapter:
    start, end = stretch
    part = placed.told
    evidence = ground.evidence(part.evidence)
    first, last = sorted((part.start, part.end))
    assert ground.clip is not None
    raw_start, raw_end = ground.clip.raw(first), ground.clip.raw(last)
    return Chapter(
        start=start,
        end=end,
        title=line(part.title, LONGEST_TITLE),
        summary=line(part.summary, LONGEST_SUMMARY),
        source=evidence[0].source if evidence else _outlook(ground),
        evidence=evidence,
        confidence=trust(part.confidence, evidence),
        raw_start=None if raw_start == start else raw_start,
        raw_end=None if raw_end == end else raw_end,
    )


def _outlook(ground: Ground) -> Source:
    """Where a chapter comes from whose evidence was not found."""
    return Source.TRANSCRIPT if ground.material.kind is Kind.AUDIO else Source.VISUAL


def _without_tiny(told: list[Chapter], ground: Ground) -> list[Chapter]:
    """Chapters of which none is too short, unless the clip is: a tiny one is joined to a neighbour."""
    kept: list[Chapter] = []
    for chapter in told:
        if kept and min(chapter.end - chapter.start, kept[-1].end - kept[-1].start) < SHORTEST:
            kept[-1] = _joined(kept[-1], chapter)
            ground.losses.note(Loss.JOINED)
        else:
            kept.append(chapter)
    return kept


def _joined(one: Chapter, after: Chapter) -> Chapter:
    """One chapter of two neighbours, told as the longer of them is."""
    longer = max(one, after, key=lambda chapter: chapter.end - chapter.start)
    evidence = tuple(dict.fromkeys((*longer.evidence, *one.evidence, *after.evidence)))[:QUOTES]
    return longer.model_copy(
        update={
            "start": one.start,
            "end": after.end,
            "evidence": evidence,
            "raw_start": one.raw_start,
            "raw_end": after.raw_end,
        }
    )
