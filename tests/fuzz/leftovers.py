"""What a stage may leave behind of a file that it could not work on: nothing."""

import multiprocessing
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

from shared.workspace import PREFIX
from tests.support.waiting import until


async def leftovers() -> list[str]:
    """Working folders and ended processes that nobody clears away, though a pool sees to its own within moments."""
    with suppress(TimeoutError):
        await until(lambda: not _left())
    return _left()


def _left() -> list[str]:
    myself = psutil.Process()
    folders = Path(tempfile.gettempdir()).glob(f"{PREFIX}{myself.pid}-*")
    return [*map(str, folders), *(str(child) for child in myself.children() if child.status() == psutil.STATUS_ZOMBIE)]


def inspectors() -> set[int | None]:
    """The processes that read files for the ingest service."""
    return {process.pid for process in multiprocessing.active_children() if process.name == "inspector"}
