"""Small frames along a video, of which the thumbnail is one and the hover sprite is made. Pure.

They are numbered by the proxy's frames. The longer the video, the wider they are apart, by doubling: whatever its length
turns out to be, an even row of them is there and only a few more, and nobody needs to know the length beforehand.
"""

from collections.abc import Iterable

EVERY, MOST = 3, 100
"""Proxy frames between two candidates of a short video (0.2 s), and the longest even row that is taken."""

WIDTH, HEIGHT = 320, 640
"""Pixels that a candidate is wide, unless it would be higher than so many."""

FILES, ALL_FILES = "frame-%d.jpg", "frame-*.jpg"
"""What they are called, and the pattern that finds them."""


def selection() -> str:
    """The expression for ffmpeg's `select` that lets candidates pass: the first frame, and then those in their row."""
    step = f"{EVERY}*pow(2,max(0,floor(log(max(pts,1)/{EVERY * MOST})/log(2))))"
    return f"isnan(prev_selected_pts)+not(mod(pts,{step}))"


def number_of(name: str) -> int:
    """Which of the proxy's frames a candidate is, by its file's name."""
    return int(name.removeprefix("frame-").removesuffix(".jpg"))


def even_row(numbers: Iterable[int]) -> list[int]:
    """Of the candidates that are there, the first, and those in an even row after it: at most `MOST`."""
    there = sorted(numbers)
    step = EVERY
    while there and there[-1] // step >= MOST - 1:
        step *= 2
    return [number for number in there if number == there[0] or number % step == 0]


def size(width: int, height: int) -> tuple[int, int]:
    """A candidate's size for a proxy of this size, never enlarged."""
    scale = min(1.0, WIDTH / width, HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
