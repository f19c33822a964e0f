"""The hover sprite's cues read back: which tile shows a moment. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CUE = re.compile(
    r"^(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Tile:
    """A frame on the sheet at `image`, in pixels; it stands for the time from `start` to `end`, in seconds."""

    image: str
    x: int
    y: int
    width: int
    height: int
    start: float
    end: float


def tile_at(webvtt: str, seconds: float) -> Tile | None:
    """The tile that shows a time; the last one for times after the end, None if there is no tile."""
    return tile_among(tiles(webvtt), seconds)


def tile_among(tiles: Iterable[Tile], seconds: float) -> Tile | None:
    """The same, where the tiles are known."""
    found = None
    for tile in tiles:
        if found is None or tile.start <= seconds:
            found = tile
    return found


def tiles(webvtt: str) -> Iterator[Tile]:
    """All tiles, in the order of time."""
    for cue in CUE.finditer(webvtt):
        start, end = (int(cue[at]) * 3600 + int(cue[at + 1]) * 60 + float(cue[at + 2]) for at in (1, 4))
        x, y, width, height = (int(cue[at]) for at in range(8, 12))
        yield Tile(cue[7], x, y, width, height, start, end)
