"""What no import can do without: list and stat every file; and read and hash every byte."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from blake3 import blake3

from services.ingest.inspection.looking import inspect
from services.ingest.outcome import Candidate, Inspected
from services.ingest.settings import IngestSettings
from tests.bench.rounds import Figures

BLOCK = 1 << 20
LIMITS = IngestSettings().limits
CHUNK = 64
"""Files to a task: handing them over then costs nothing beside reading them."""


def stat_all(root: Path) -> Figures:
    """os.scandir and stat of every file, in this process alone."""
    began = time.perf_counter()
    files = sum(1 for _ in sizes(root))
    return {"seconds": time.perf_counter() - began, "files": files}


def read_all(root: Path, pool: ProcessPoolExecutor) -> Figures:
    """The same, and every byte read once, in order, and hashed with BLAKE3 by the processes of the pool."""
    began = time.perf_counter()
    paths = [path for path, _ in sizes(root)]
    files = sum(pool.map(hash_file, paths, chunksize=CHUNK))
    return {"seconds": time.perf_counter() - began, "files": files}


def look_into_all(root: Path, pool: ProcessPoolExecutor) -> Figures:
    """The same with what the service reads of each file besides, and nothing written anywhere."""
    began = time.perf_counter()
    paths = [path for path, _ in sizes(root)]
    files = sum(pool.map(inspect_file, paths, chunksize=CHUNK))
    return {"seconds": time.perf_counter() - began, "files": files}


def started(processes: int) -> ProcessPoolExecutor:
    """A pool whose processes run already."""
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    list(pool.map(abs, range(processes * 4)))
    return pool


def hash_file(path: str) -> int:
    """Read and hash one file; answers with 1, to be counted."""
    digest = blake3()
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the floor does nothing that it need not
        while block := file.read(BLOCK):
            digest.update(block)
    digest.digest()
    return 1


def inspect_file(path: str) -> int:
    """Look into one file as an inspector does; answers with 1, to be counted."""
    outcome = inspect(Candidate(os.fsencode(path)), LIMITS, lambda: None)
    assert isinstance(outcome, Inspected), outcome
    return 1


def sizes(root: Path) -> Iterator[tuple[str, int]]:
    """Path and size of every file under a folder."""
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as scan:
            for entry in scan:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry.path, entry.stat(follow_symlinks=False).st_size
