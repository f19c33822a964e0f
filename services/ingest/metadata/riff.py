"""The chunks of RIFF files (WAV, AVI) that ffmpeg passes over: who recorded what, as film crews' recorders write it."""

import io
from collections.abc import Container, Iterator
from typing import IO

from pydantic import JsonValue

from services.ingest.metadata.markup import read_markup
from services.ingest.metadata.values import text, without_empty

IXML, XMP = b"iXML", b"_PMX"
WANTED = frozenset({IXML, XMP})
MOST_CHUNKS = 200
LARGEST = 4 << 20
"""Bytes read of one chunk."""
UNKNOWN = 0xFFFFFFFF
"""The size of a chunk whose true size stands in `ds64`, in files beyond 4 GiB."""
IXML_FIELDS = {"PROJECT": "project", "SCENE": "scene", "TAKE": "take", "TAPE": "tape", "NOTE": "note", "CIRCLED": "circled"}


def chunks(file: IO[bytes], wanted: Container[bytes] = WANTED) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the outermost chunks that are wanted."""
    large = 0
    end = file.seek(0, io.SEEK_END)
    at = 12
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"ds64":
            large = int.from_bytes(file.read(16)[8:], "little")
        if name == b"data" and size == UNKNOWN:
            size = large
        if name in wanted:
            yield name, file.read(min(size, LARGEST))
        at += 8 + size + size % 2
        if at >= end:
            return


def read_ixml(content: bytes) -> dict[str, JsonValue]:
    """Scene, take and the like of an iXML chunk; never raises."""
    found: dict[str, JsonValue] = {}
    for node in read_markup(content).top.within():
        if node.name in IXML_FIELDS:
            found.setdefault(IXML_FIELDS[node.name], text(node.text))
    return without_empty(found)
