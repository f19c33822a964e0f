"""Times as a model tells them, in the clip's clock, and as the file has them."""

from math import isnan
from typing import NamedTuple

from services.nova.analyst import Material, Span
from shared.contracts import Kind


class Clip(NamedTuple):
    """The part of a file that was looked at, in seconds of the file's clock."""

    start: float
    end: float

    def time(self, told: float) -> float:
        """A time of the clip as one of the file, within the clip; what is no number is its beginning."""
        return self.start if isnan(told) else min(max(self.start + told, self.start), self.end)

    def raw(self, told: float) -> float | None:
        """A time as it was told, in the file's clock; null if the file cannot have it."""
        time = self.start + told
        return time if 0 <= time < float("inf") else None

    def span(self, start: float, end: float) -> Span | None:
        """A stretch of the clip as one of the file, whichever end is told first; null if no part of it is in the clip."""
        first, last = sorted((0.0 if isnan(start) else start, 0.0 if isnan(end) else end))
        if last < 0 or first > self.end - self.start:
            return None
        return Span(start=self.time(first), end=self.time(last))


def clip_of(material: Material, span: Span | None) -> Clip | None:
    """What was looked at: `span` within the duration, the whole file without it; null for pictures."""
    if material.kind is Kind.IMAGE:
        return None
    duration = _duration(material)
    if duration is None:
        last = max((*material.shots, *(max(segment.start, segment.end) for segment in material.segments)), default=0.0)
        duration = last if span is None else span.end
    start, end = (0.0, duration) if span is None else (min(span.start, duration), min(span.end, duration))
    return Clip(start, max(start, end))


def within_its_duration(material: Material) -> Material:
    """A file whose speech ends when it does: transcripts may go on for a moment longer."""
    duration = _duration(material)
    if duration is None:
        return material
    spoken = (one.model_copy(update={"end": min(one.end, duration)}) for one in material.segments if one.start < duration)
    return material.model_copy(update={"segments": tuple(spoken)})


def _duration(material: Material) -> float | None:
    """The file's duration, or that of its longest rendition where its own is not known."""
    if material.duration is not None:
        return material.duration
    return max((one.duration for one in material.renditions.values() if one.duration is not None), default=None)
