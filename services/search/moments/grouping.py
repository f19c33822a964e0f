"""Answers by file: each file with its best moments, the best file first, in pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.search.moments.ranking import Answer

BEST = 3
"""Moments of a file that are told; whoever wants more looks into the file."""
DIGITS = 9
"""Of a score in a cursor, so that two pages of one search agree on it."""


@dataclass(frozen=True)
class FoundFile:
    """A file of the library as an answer tells it; duration in seconds."""

    id: UUID
    path: str
    kind: str
    captured_at: datetime | None
    duration: float | None
    has_thumbnail: bool
    is_missing: bool


class Place(NamedTuple):
    """Where a file stands among answers that are sorted by score."""

    score: float
    id: UUID

    @property
    def key(self) -> tuple[float, UUID]:
        """Smaller for what comes earlier."""
        return -self.score, self.id


@dataclass(frozen=True)
class Group:
    """A file with its best moments, the best first; it may have none where files are listed."""

    file: FoundFile
    answers: Sequence[Answer]

    @property
    def place(self) -> Place:
        """By its best moment."""
        return Place(round(self.answers[0].score, DIGITS) if self.answers else 0.0, self.file.id)


def by_score(answers: Iterable[Answer]) -> list[Group]:
    """Every file that has an answer, the best first."""
    found: dict[UUID, list[Answer]] = {}
    for answer in answers:
        found.setdefault(answer.hit.file_id, []).append(answer)
    groups = [Group(file_of(of_file[0]), of_file[:BEST]) for of_file in found.values()]
    return sorted(groups, key=lambda group: group.place.key)


def in_order(files: Iterable[FoundFile], answers: Iterable[Answer]) -> list[Group]:
    """These files in their order, each with its best answers."""
    groups = {group.file.id: group for group in by_score(answers)}
    return [Group(file, groups[file.id].answers if file.id in groups else ()) for file in files]


def after(groups: Sequence[Group], place: Place | None) -> list[Group]:
    """Those that come after a place; all of them without one."""
    return [group for group in groups if place is None or group.place.key > place.key]


def file_of(answer: Answer) -> FoundFile:
    """The file that an answer is in."""
    hit = answer.hit
    return FoundFile(hit.file_id, hit.path, hit.kind, hit.captured_at, hit.duration, hit.has_thumbnail, hit.is_missing)
