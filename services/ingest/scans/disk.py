"""What lies at paths now, looked up many at a time."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.ingest.scans.matching import is_alias


class Sight(StrEnum):
    """What a look at a path says."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Status:
    """What the file system says of a path: `identity` is device and inode."""

    sight: Sight
    size: int = 0
    modified_ns: int = 0
    identity: tuple[int, int] = (0, 0)


def look(path_raw: bytes) -> Status:
    """What lies at a path, links followed; what cannot be looked at is unknown."""
    try:
        status = os.stat(path_raw)  # noqa: PTH116 - paths of any bytes, a million of them
    except (FileNotFoundError, NotADirectoryError):
        return Status(Sight.GONE)
    except (OSError, ValueError):
        return Status(Sight.UNKNOWN)
    return Status(Sight.THERE, status.st_size, status.st_mtime_ns, (status.st_dev, status.st_ino))


def look_at_all(paths: Iterable[bytes]) -> dict[bytes, Status]:
    """The same for many."""
    return {path: look(path) for path in paths}


def is_given_up(old: bytes, status: Status, places: Sequence[bytes]) -> bool:
    """Whether a file is no longer at `old`, of which `status` was seen, when its content lies at `places`.

    Where the file system holds two spellings for one name, the old one still leads to the file.
    """
    if status.sight is not Sight.THERE:
        return status.sight is Sight.GONE
    alike = [place for place in places if look(place).identity == status.identity]
    return any(is_alias(old, place, is_listed=is_listed(old, place)) for place in alike)


def is_listed(old: bytes, new: bytes) -> bool:
    """Whether the folders list every part of `old` that is spelled otherwise in `new`."""
    parts, others = old.split(os.sep.encode()), new.split(os.sep.encode())
    for depth, (part, other) in enumerate(zip(parts, others, strict=False)):
        if part != other and part not in _names(os.sep.encode().join(parts[:depth]) or os.sep.encode()):
            return False
    return True


def _names(folder: bytes) -> Sequence[bytes]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names of any bytes
    except OSError:
        return ()


def is_as_found(seen: Status, size: int, modified_ns: int) -> bool:
    """Whether what lies there still has the size and time that it was inspected with."""
    return seen.sight is Sight.THERE and (seen.size, seen.modified_ns) == (size, modified_ns)
