"""What a stage may leave behind of a file that it could not work on: nothing."""

import multiprocessing
import tempfile
from pathlib import Path

import psutil

from shared.workspace import PREFIX


def leftovers() -> list[str]:
    """Working folders and ended processes that nobody has cleared away."""
    myself = psutil.Process()
    folders = Path(tempfile.gettempdir()).glob(f"{PREFIX}{myself.pid}-*")
    return [*map(str, folders), *(str(child) for child in myself.children() if child.status() == psutil.STATUS_ZOMBIE)]


def inspectors() -> set[int | None]:
    """The processes that read files for the ingest service."""
    return {process.pid for process in multiprocessing.active_children() if process.name == "inspector"}
