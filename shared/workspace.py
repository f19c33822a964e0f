"""Temporary folders: removed whatever happens, by the next start at the latest."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.platform import is_alive

PREFIX = "spillway-work-"


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder of our own, removed at the end of the block; its name says whose it is, for `sweep`."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def sweep() -> None:
    """Remove the folders of processes that were killed; one whose process id is in use again stays until a later start."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
