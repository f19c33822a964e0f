"""The hover sprite: where each frame lies on its sheet, and the WebVTT that says when it is shown. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

TILE_WIDTH, TILE_HEIGHT = 160, 320
"""Pixels that a tile is wide, unless it would be higher than so many."""
COLUMNS = 10
"""With at most a hundred tiles, no sheet is larger than 1600 by 3200: far from the 4096 that small devices can show."""


@dataclass(frozen=True)
class Sheet:
    """So many tiles of one size, in rows."""

    tiles: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        """Tiles in a full row."""
        return min(self.tiles, COLUMNS)

    @property
    def size(self) -> tuple[int, int]:
        """The sheet's pixels."""
        return self.columns * self.width, -(-self.tiles // COLUMNS) * self.height

    def place(self, tile: int) -> tuple[int, int]:
        """A tile's left upper corner."""
        row, column = divmod(tile, COLUMNS)
        return column * self.width, row * self.height


def sheet(tiles: int, width: int, height: int) -> Sheet:
    """The sheet for so many frames of this size, never enlarged."""
    scale = min(1.0, TILE_WIDTH / width, TILE_HEIGHT / height)
    return Sheet(tiles, max(1, round(width * scale)), max(1, round(height * scale)))


def webvtt(sheet: Sheet, times: Sequence[float], duration: float, file_id: UUID) -> str:
    """The cues: each tile from its time to the next one's, the first from 0 and the last to the end.

    The sheet is named by its path at the gateway: the text itself is fetched from the object store, so a name relative to it
    would not be found.
    """
    return "\n\n".join(["WEBVTT", *_cues(sheet, times, duration, f"/api/files/{file_id}/renditions/sprite")]) + "\n"


def _cues(sheet: Sheet, times: Sequence[float], duration: float, image: str) -> Iterator[str]:
    starts = [0.0, *times[1:]]
    for tile, (start, end) in enumerate(zip(starts, [*starts[1:], duration], strict=True)):
        left, top = sheet.place(tile)
        yield f"{_clock(start)} --> {_clock(end)}\n{image}#xywh={left},{top},{sheet.width},{sheet.height}"


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"
