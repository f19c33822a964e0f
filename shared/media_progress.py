"""How far a run of ffmpeg is, and whether it goes on at all, by what `-progress` prints."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run is: seconds of media done, its share of the whole if that is known, and how many times real time."""

    seconds: float
    fraction: float | None
    speed: float | None


OnProgress = Callable[[Progress], None]


def blocks_of(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """What ffmpeg's `-progress` output says, block by block."""
    block: dict[str, str] = {}
    for line in lines:
        key, _, value = line.strip().partition("=")
        block[key] = value.strip()
        if key == "progress":
            yield block
            block = {}


def progress_of(block: Mapping[str, str], duration: float | None) -> Progress | None:
    """How far a run is, by a block; None as long as nothing has come out of it."""
    microseconds = _number(block.get("out_time_us"))
    if microseconds is None:
        return None
    seconds = max(microseconds / 1e6, 0.0)
    speed = _number(block.get("speed", "").rstrip("x"))
    return Progress(seconds, min(seconds / duration, 1.0) if duration else None, speed)


class Pulse:
    """Notices when block after block says the same."""

    def __init__(self, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._last: tuple[str | None, ...] = ()
        self._changed = clock()

    def missed(self, block: Mapping[str, str]) -> bool:
        """Whether nothing has come out of the run for longer than the patience."""
        now, state = self._clock(), tuple(block.get(key) for key in ("frame", "out_time_us", "total_size"))
        if state != self._last:
            self._last, self._changed = state, now
        return now - self._changed > self._patience


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
