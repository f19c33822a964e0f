"""Questions to an analyst, written as tests like to write them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.nova.analyst import Material, Segment
from services.nova.reading import Reading, read
from shared.contracts import Kind

FILE_ID = UUID("018f0000-0000-7000-8000-000000000001")
SECONDS = 4.0


def segments(sentences: Iterable[str], pause: float = 0.5) -> tuple[Segment, ...]:
    """One segment of four seconds per sentence, with a pause in between."""
    step = SECONDS + pause
    return tuple(Segment(start=at * step, end=at * step + SECONDS, text=text) for at, text in enumerate(sentences))


def material(*sentences: str, path: str = "clip.mp4", kind: Kind = Kind.VIDEO, **fields: Any) -> Material:
    """A file in which these sentences are spoken one after the other."""
    spoken = segments(sentences)
    fields.setdefault("duration", None if kind is Kind.IMAGE else (spoken[-1].end + 1 if spoken else 60.0))
    return Material(file_id=FILE_ID, kind=kind, path=path, segments=spoken, **fields)


def reading(*sentences: str, path: str = "clip.mp4", **fields: Any) -> Reading:
    """The words of such a file."""
    return read(material(*sentences, path=path, **fields))
