"""The listing of the object store, kept in a file: a million objects fit on a disk and need not fit into memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from shared.blobs import Blobs, Stored

PIECE = 1 << 20
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
"""Of Postgres' text format of COPY."""


async def write_listing(blobs: Blobs, prefix: str, path: Path) -> int:
    """List the objects whose keys begin so, into a file as COPY reads it; answers with their number."""
    objects = 0
    async for page in blobs.stored(prefix):
        await asyncio.to_thread(_append, path, page)
        objects += len(page)
    return objects


async def read_listing(path: Path) -> AsyncIterator[bytes]:
    """The file, by the piece; nothing if no object was listed."""
    if not await asyncio.to_thread(path.exists):
        return
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


def line_of(stored: Stored) -> str:
    """Key, bytes and time of an object."""
    return f"{stored.key.translate(ESCAPES)}\t{stored.size or 0}\t{stored.stored_at.isoformat()}\n"


def _append(path: Path, page: Sequence[Stored]) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(map(line_of, page))
