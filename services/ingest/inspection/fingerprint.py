"""The fingerprint of a file: BLAKE3 of its whole content."""

import time
from collections.abc import Callable
from typing import Protocol

from blake3 import blake3

BLOCK = 1 << 20
"""Bytes a read: large enough that the system calls cost nothing, small enough to stay in the processor's cache."""
BEAT = 1.0
"""Seconds between two signs of life."""


class Readable(Protocol):
    """A binary file."""

    def readinto(self, buffer: bytearray, /) -> int | None: ...


def fingerprint(file: Readable, alive: Callable[[], None]) -> tuple[bytes, int]:
    """The 32 bytes and the length of what is left to read in `file`; calls `alive` now and then while it reads."""
    digest, length = blake3(), 0
    buffer = bytearray(BLOCK)
    view = memoryview(buffer)
    beat = time.monotonic() + BEAT
    while count := file.readinto(buffer):
        digest.update(view[:count])
        length += count
        if time.monotonic() >= beat:
            alive()
            beat = time.monotonic() + BEAT
    return digest.digest(), length
