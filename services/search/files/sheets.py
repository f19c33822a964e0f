"""Sprites, decoded: the sheets of which pictures were asked for last, so that a page of moments decodes each once."""

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from services.search.files.sprites import Tile, tile_among, tiles
from shared.blobs import Blobs
from shared.errors import BadMedia

KEPT = 64 << 20
"""Bytes of decoded sheets that are kept: a dozen of the usual 1600 by 900 pixels, four of the largest."""
LARGEST = 16 << 20
"""Pixels of a sheet: three times what the proxy service makes."""
DEPTH = 3
"""Bytes of a pixel."""
AT_ONCE = 2
"""Sheets that are being decoded: each holds memory, and the other work of the gateway goes on beside it."""
QUALITY = 85
"""Of the JPEG: a sprite's tiles are JPEG already, and lose no more that could be seen."""
UNREADABLE = "The file's sprite cannot be read. Make its proxies again: POST /api/batch/proxy with `force`."


class Place(NamedTuple):
    """Where a sprite and its cues are in the object store, and when they were made: another time means other pictures."""

    sprite: str
    cues: str
    made_at: datetime


@dataclass(frozen=True)
class Sheet:
    """A decoded sprite and its tiles."""

    picture: Image.Image
    tiles: tuple[Tile, ...]

    @property
    def memory(self) -> int:
        """Bytes that it takes."""
        return self.picture.width * self.picture.height * DEPTH

    def at(self, seconds: float) -> Tile | None:
        """The tile that shows a time; None if there is no tile."""
        return tile_among(self.tiles, seconds)

    def cut(self, tile: Tile) -> bytes:
        """The picture of a tile, as JPEG."""
        written = io.BytesIO()
        box = (tile.x, tile.y, tile.x + tile.width, tile.y + tile.height)
        self.picture.crop(box).save(written, "JPEG", quality=QUALITY)
        return written.getvalue()


class Sheets:
    """The sheets that were asked for last, `kept` bytes of them at most; each is fetched once for all who want it."""

    def __init__(self, blobs: Blobs, *, kept: int = KEPT) -> None:
        self._blobs = blobs
        self._most = kept
        self._kept: OrderedDict[Place, Sheet] = OrderedDict()
        self._coming: dict[Place, asyncio.Task[Sheet]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    @property
    def memory(self) -> int:
        """Bytes that all of them take."""
        return sum(sheet.memory for sheet in self._kept.values())

    async def at(self, place: Place) -> Sheet:
        """The sheet; raises NotFound, or BadMedia if it cannot be read."""
        if (sheet := self._kept.get(place)) is not None:
            self._kept.move_to_end(place)
            return sheet
        if place not in self._coming:
            self._coming[place] = asyncio.create_task(self._fetched(place))
            self._coming[place].add_done_callback(lambda _: self._coming.pop(place))
        return await asyncio.shield(self._coming[place])  # who gives up waiting takes it from nobody

    async def _fetched(self, place: Place) -> Sheet:
        async with self._turn:
            cues, body = await asyncio.gather(self._blobs.get(place.cues), self._blobs.get(place.sprite))
            sheet = Sheet(await asyncio.to_thread(decoded, body), tuple(tiles(cues.decode())))
        self._kept[place] = sheet
        while self.memory > self._most and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return sheet


def decoded(body: bytes) -> Image.Image:
    """The pixels of a sprite; raises BadMedia."""
    try:
        with Image.open(io.BytesIO(body)) as picture:
            if picture.width * picture.height > LARGEST:
                raise BadMedia(UNREADABLE)
            return picture.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise BadMedia(UNREADABLE) from error
