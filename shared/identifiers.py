"""Identifiers: time-ordered ids for rows, name-based ids for events that a re-run must emit again."""

import os
import time
from uuid import UUID, uuid5

SPILLWAY = UUID("6f1c8f7a-51c5-5d0c-9a54-2f0f3a6d1b11")
"""Namespace of every name-based id; changing it would make every replayed event look new."""


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits, so that rows sort by age."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | random & (1 << 76) - 1
    return UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def derived_id(*parts: object) -> UUID:
    """The same id for the same parts, on any machine, at any time."""
    return uuid5(SPILLWAY, "\x1f".join(str(part) for part in parts))
