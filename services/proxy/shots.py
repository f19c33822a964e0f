"""Where shots begin, by how much each frame of the proxy differs from the one before. Pure."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from statistics import median

from services.proxy.framing import FRAME_RATE

CHANGES = "changes.txt"
"""What ffmpeg writes its measurements to."""
WIDTH = 160
"""Pixels that a frame is wide when it is measured: enough for a cut, and little work."""
PLACE, CHANGE = re.compile(r"frame:\d+ +pts:(\d+)"), "lavfi.scd.mafd="

LEAP, TIMES, PEAK = 5.5, 1.9, 1.0
"""A cut changes the picture by so many per cent more, and so many times as much, as is usual around it; and by so many per
cent more than the frames next to it do, of which a flash has one that is its equal."""
AROUND, REACH, STILL = 3, 6, 0.1
"""What is usual is told by so many frames on either side, no further away than so many; those that change less than so many
per cent are left out, as they repeat a frame of a source that has fewer than fifteen per second."""


def changes(lines: Iterable[str]) -> "array[float]":
    """How much each of the proxy's frames differs from the one before, in per cent, from what ffmpeg printed; 0 for the first
    and for those that only fill a gap.
    """
    measured = array("f")
    number = 0
    for line in lines:
        if place := PLACE.match(line):
            number = int(place[1])
        elif line.startswith(CHANGE) and number >= len(measured):
            measured.extend(repeat(0.0, number - len(measured)))
            measured.append(float(line.removeprefix(CHANGE)))
    return measured


def cuts(changes: Sequence[float]) -> tuple[float, ...]:
    """Seconds at which a new shot begins; the first shot's beginning is not among them."""
    return tuple(round(frame / FRAME_RATE, 3) for frame in range(1, len(changes)) if _is_cut(changes, frame))


def _is_cut(changes: Sequence[float], frame: int) -> bool:
    change = changes[frame]
    near = max(changes[frame - 1], *changes[frame + 1 : frame + 2], 0.0)
    if change < LEAP or change < near + PEAK:
        return False
    around = [*_moving(changes, range(frame - 1, 0, -1)), *_moving(changes, range(frame + 1, len(changes)))]
    usual = median(around) if around else 0.0
    return change >= usual + LEAP and change >= usual * TIMES


def _moving(changes: Sequence[float], frames: range) -> Iterator[float]:
    """Of these frames, the nearest few that show something new."""
    return islice((changes[frame] for frame in frames[:REACH] if changes[frame] >= STILL), AROUND)
