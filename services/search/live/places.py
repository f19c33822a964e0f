"""Places in the stream, as clients are told them in the ids of events, and give them back in `Last-Event-ID`."""

import re
from datetime import datetime
from typing import NamedTuple

WRITTEN = r"^[0-9]{1,18}(-[0-9a-f]{1,16})?$"
"""What an id looks like: the sequence, and by which stream it counts; a bare number counts by the stream of today."""


class Place(NamedTuple):
    """The sequence of an event, and the mark of the stream that counts so; an empty mark is any stream's."""

    sequence: int
    stream: str = ""

    def __str__(self) -> str:
        return f"{self.sequence}-{self.stream}" if self.stream else str(self.sequence)


def read(text: str) -> Place:
    """The place that an id names, which looks as `WRITTEN` says."""
    assert re.fullmatch(WRITTEN, text)
    sequence, _, stream = text.partition("-")
    return Place(int(sequence), stream)


def mark(created: datetime | None) -> str:
    """What tells a stream from one that was declared anew after a loss and counts from 1 again: when it was made."""
    return f"{round(created.timestamp() * 1_000_000):x}" if created else ""


def resumed(after: Place | None, last: Place) -> int:
    """The sequence after which to go on in the stream whose last event is at `last`.

    None means from now on. Of a stream that is gone nothing is left to tell, and all of the new one is news. A stream that
    lost its end has no such place any more: what it has told since cannot be told apart, and it is followed from now on.
    """
    if after is None:
        return last.sequence
    if after.stream and after.stream != last.stream:
        return 0
    return min(after.sequence, last.sequence)
