"""Which file of the library a content found elsewhere is: its place was given up, and its name says which of several."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.changes import Change
from shared.paths import shown


@dataclass(frozen=True)
class Homeless:
    """A file of the library that is no longer at its path."""

    id: UUID
    path_raw: bytes
    is_missing: bool = False


@dataclass(frozen=True)
class Match:
    """A file and the place where its content was found."""

    file: Homeless
    place: bytes

    @property
    def change(self) -> Change:
        """What people call it."""
        if self.file.is_missing:
            return Change.RETURNED
        return Change.RENAMED if folder_of(self.file.path_raw) == folder_of(self.place) else Change.MOVED


def match(files: Sequence[Homeless], places: Sequence[bytes]) -> list[Match]:
    """Each file with one of the places where its content lies, while there are any.

    A file takes its own path if it is among them, else one with its own name, else the first that is left.
    """
    left = sorted(places)
    waiting = sorted(files, key=lambda file: file.path_raw)
    found: list[Match] = []
    for fits in (_is_same_path, _is_same_name, _is_any):
        for file in list(waiting):
            place = next((place for place in left if fits(file.path_raw, place)), None)
            if place is not None:
                found.append(Match(file, place))
                waiting.remove(file)
                left.remove(place)
    return found


def is_alias(old: bytes, new: bytes, *, is_listed: bool) -> bool:
    """Whether two paths that lead to the same file are one name in two spellings, of which `new` is the one that counts.

    Some file systems hold names for the same that differ in case or in how accents are written. The folder then lists one of
    them alone; two links to one file are both listed.
    """
    return not is_listed and _spelled_alike(shown(old)) == _spelled_alike(shown(new))


def folder_of(path_raw: bytes) -> bytes:
    """The folder of a path."""
    return os.path.dirname(path_raw)  # noqa: PTH120 - paths of any bytes


def _is_same_path(old: bytes, new: bytes) -> bool:
    return old == new


def _is_same_name(old: bytes, new: bytes) -> bool:
    return os.path.basename(old) == os.path.basename(new)  # noqa: PTH119 - paths of any bytes


def _is_any(old: bytes, new: bytes) -> bool:
    return True


def _spelled_alike(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
