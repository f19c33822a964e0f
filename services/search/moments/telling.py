"""Answers of a search as the API tells them; the field names are those of `schemas`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.search.moments.grouping import Group
from services.search.moments.ranking import Answer, Hit
from services.search.moments.snippets import snippet


def moment_of(answer: Answer) -> dict[str, Any]:
    """A moment with the file that it is in."""
    hit = answer.hit
    return {
        "id": hit.id,
        "file_id": str(hit.file_id),
        "path": hit.path,
        "kind": hit.kind,
        "start": hit.start,
        "end": hit.end,
        "field": hit.field,
        "score": round(answer.score, 4),
        "parts": parts_of(answer),
        "snippet": snippet(hit.marked),
        "matched": answer.matched,
        "similarity": None if answer.similarity is None else round(answer.similarity, 4),
        "thumbnail": thumbnail_of(hit.file_id) if hit.has_thumbnail else None,
        "link": link_to(hit.file_id, hit.start),
        "frame": frame_of(hit),
        "missing": hit.is_missing,
    }


def parts_of(answer: Answer) -> dict[str, dict[str, float]]:
    """What each kind of search says: the moment's place in it, and what that adds to the score."""
    return {
        search: {"rank": place, "share": round(answer.shares[search], 4)} for search, place in sorted(answer.places.items())
    }


def file_of(group: Group) -> dict[str, Any]:
    """A file with its best moments, which need not say again what file they are of."""
    file = group.file
    return {
        "id": str(file.id),
        "path": file.path,
        "kind": file.kind,
        "captured_at": file.captured_at and file.captured_at.isoformat(),
        "duration": file.duration,
        "score": round(group.place.score, 4),
        "thumbnail": thumbnail_of(file.id) if file.has_thumbnail else None,
        "link": link_to(file.id, None),
        "missing": file.is_missing,
        "moments": moments_of(group.answers),
    }


def moments_of(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Moments of one file."""
    of_file = ("file_id", "path", "kind", "thumbnail", "missing")
    return [{name: value for name, value in moment_of(answer).items() if name not in of_file} for answer in answers]


def thumbnail_of(file_id: UUID) -> str:
    """The path of a picture of a file on this gateway."""
    return f"/api/files/{file_id}/renditions/thumbnail"


def frame_of(hit: Hit) -> str | None:
    """The path of a moment's picture on this gateway; None for what has none, as sound."""
    if hit.has_frames and hit.start is not None:
        return f"/api/files/{hit.file_id}/frame.jpg?t={round(hit.start, 3)}"
    return f"/api/files/{hit.file_id}/frame.jpg" if hit.has_thumbnail else None


def link_to(file_id: UUID, start: float | None) -> str:
    """The path of a file's page on this gateway, at a moment."""
    return f"/?file={file_id}" if start is None else f"/?file={file_id}&t={round(start, 3)}"
