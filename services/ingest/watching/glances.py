"""Glances at a watched folder on the disk: whether it is there, and what paths look like."""

import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from services.ingest.reasons import unreadable
from services.ingest.scans.walk import is_passed_over
from services.ingest.watching.settling import Stamp

AWAY = (
    "There is no folder at {}: its disk or share may not be connected. It is watched again by itself as soon as it is back; "
    "if it was moved, remove this watch and add the new place."
)
NO_FOLDER = "{} is not a folder; remove this watch and add the folder that it is in."

Identity = tuple[int, int]


class Away(Exception):
    """The folder cannot be watched now; the sentence says why and what to do."""


def identity(root: str) -> Identity:
    """What tells the folder from another under the same path; raises Away if it cannot be listed."""
    try:
        status = Path(root).stat()
        if not stat.S_ISDIR(status.st_mode):
            raise Away(NO_FOLDER.format(root))
        with os.scandir(root) as entries:
            next(entries, None)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Away(AWAY.format(root)) from error
    except OSError as error:
        raise Away(unreadable(error)) from error
    return status.st_dev, status.st_ino


def is_empty(root: str) -> bool:
    """Whether nothing that belongs to people lies in the folder."""
    with os.scandir(root) as entries:
        return all(is_passed_over(entry.name) for entry in entries)


def stamps(paths: Iterable[str]) -> dict[str, Stamp]:
    """What each path looks like."""
    return {path: stamp(path) for path in paths}


def stamp(path: str) -> Stamp:
    """Size and time of modification; None for what is not there, or cannot be asked."""
    try:
        status = os.stat(path)  # noqa: PTH116 - many thousand in a burst
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def young(paths: Iterable[str], settle: float) -> dict[str, Stamp]:
    """What those of the paths look like that were written to within the settle time, or in the future."""
    since = time.time() - settle
    found: dict[str, Stamp] = {}
    for path in paths:
        with suppress(OSError, ValueError):
            status = os.stat(path)  # noqa: PTH116 - as above
            if max(status.st_mtime, status.st_ctime) > since:
                found[path] = (status.st_size, status.st_mtime_ns)
    return found


def existing(folder: str, root: str) -> str:
    """The folder, or the innermost one around it that is there; `root` at the latest."""
    while folder != root and not Path(folder).is_dir():
        folder = str(Path(folder).parent)
    return folder
