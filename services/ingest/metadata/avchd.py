"""When a camcorder recorded: AVCHD files have no tags, and say it beside the picture, in binary-coded decimals."""

from collections.abc import Iterable
from uuid import UUID

from services.ingest.metadata import capture
from services.ingest.metadata.capture import Moment

MARK = UUID("17ee8c60-f84d-11d9-8cd6-0800200c9a66").bytes + b"MDPM"
ENTRY = 5
"""Bytes of an entry: what it is, and four of its value."""
DATE, CLOCK = 0x18, 0x19
"""Zone, century, year and month; day, hour, minute and second."""
WEST, HALF_HOUR = 0x20, 0x01
UNSET = frozenset({0x00, 0xFF})
"""What camcorders write that know no zone."""


def recorded(messages: Iterable[bytes]) -> Moment | None:
    """The time among the unregistered user data of a frame; None if there is none."""
    return next((moment for message in messages if (moment := _recorded(message))), None)


def _recorded(message: bytes) -> Moment | None:
    if not message.startswith(MARK) or len(message) <= len(MARK):
        return None
    first, count = len(MARK) + 1, message[len(MARK)]
    places = range(first, min(first + count * ENTRY, len(message) - ENTRY + 1), ENTRY)
    entries = {message[at]: message[at + 1 : at + ENTRY] for at in places}
    if DATE not in entries or CLOCK not in entries:
        return None
    zone, *date = entries[DATE]
    century, year, month, day, hour, minute, second = (f"{part:02x}" for part in (*date, *entries[CLOCK]))
    return capture.moment(f"{century}{year}-{month}-{day} {hour}:{minute}:{second}", zone=_zone(zone))


def _zone(written: int) -> str | None:
    if written in UNSET:
        return None
    hours = written >> 1 & 0x0F
    return f"{'-' if written & WEST else '+'}{hours:02}:{'30' if written & HALF_HOUR else '00'}"
