"""A file sent in parts, each straight to the object store by a link; what was sent before is not sent again."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.gateway import Gateway
from shared.errors import Invalid
from shared.parts import Cut
from shared.paths import shown

LANES = 3
"""Parts under way at once: one connection alone rarely fills a line."""
TRIES = 5
"""Times that a part is sent before the file is given up for now; what lies between doubles from a second."""
BLOCK = 1 << 18
"""Bytes read at a time."""
TIMEOUT = httpx.Timeout(60.0, connect=10.0)

CHANGED = "The file changed while it was sent; send it again when nothing writes to it any more."

Advance = Callable[[int], None]
"""Takes bytes that have gone out; fewer than none when they have to go out again."""


@dataclass(frozen=True)
class Sender:
    """Sends files to one gateway's object store; `pause` is what it does for so many seconds between two tries."""

    gateway: Gateway
    store: httpx.Client
    pause: Callable[[float], None] = time.sleep

    def send(self, path: Path, advance: Advance) -> str:
        """Send a file, or what is missing of it; answers with the upload's id. Raises Invalid."""
        status = path.stat()
        wanted = {
            "name": shown(os.fsencode(path.name)),
            "size": status.st_size,
            "last_modified": max(0, status.st_mtime_ns // 1_000_000),
        }
        upload = self.gateway.begin_upload(wanted)
        upload_id, cut = str(upload["upload_id"]), Cut(upload["size"], upload["part_size"])
        etags = self.gateway.upload_parts(upload_id) if upload["resumed"] else {}
        advance(sum(map(cut.size_of, etags)))
        missing = [number for number in range(1, cut.count + 1) if number not in etags]
        with ThreadPoolExecutor(LANES) as lanes:
            etags |= zip(
                missing, lanes.map(lambda number: self._part(path, upload_id, cut, number, advance), missing), strict=True
            )
        if not _is_same(status, path.stat()):
            self.gateway.call_off_upload(upload_id)
            raise Invalid(CHANGED)
        self.gateway.complete_upload(upload_id, etags)
        return upload_id

    def _part(self, path: Path, upload_id: str, cut: Cut, number: int, advance: Advance) -> str:
        """Put a part, several times if need be; answers with its etag."""
        for tries in range(1, TRIES + 1):
            sent = Sent(advance)
            try:
                return self._put(self.gateway.part_link(upload_id, number), path, cut, number, sent)
            except httpx.HTTPError:
                sent.take_back()
                if tries == TRIES:
                    raise
                self.pause(2.0 ** (tries - 1))
        raise AssertionError

    def _put(self, url: str, path: Path, cut: Cut, number: int, sent: "Sent") -> str:
        size = cut.size_of(number)
        body = stretch(path, (number - 1) * cut.part_size, size, sent)
        answer = self.store.put(url, content=body, headers={"Content-Length": str(size)})
        answer.raise_for_status()
        return answer.headers["etag"]


class Sent:
    """Counts what has gone out of a part."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._count = 0

    def add(self, count: int) -> None:
        """Note that so many bytes have gone out."""
        self._count += count
        self._advance(count)

    def take_back(self) -> None:
        """Note that they have to go out again."""
        self._advance(-self._count)


def stretch(path: Path, start: int, size: int, sent: Sent) -> Iterator[bytes]:
    """The bytes of a file from `start` on; raises Invalid if it has become shorter."""
    with path.open("rb") as file:
        file.seek(start)
        while size:
            block = file.read(min(BLOCK, size))
            if not block:
                raise Invalid(CHANGED)
            size -= len(block)
            yield block
            sent.add(len(block))


def _is_same(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
