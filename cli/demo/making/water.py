"""Water that moves: falling sheets, rippled pools, mist and drops. Times are seconds, boxes are pixels."""

from dataclasses import dataclass

import numpy as np

from cli.demo.making.painting import Colour, Picture, Plane, light, mix, noise, smoothstep


@dataclass(frozen=True)
class Box:
    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def of(self, picture: Picture) -> Picture:
        return picture[self.top : self.bottom, self.left : self.right]


def box(picture_width: int, picture_height: int, left: float, top: float, right: float, bottom: float) -> Box:
    """A box from fractions of the picture, cut at its edges."""
    columns = (max(0, round(left * picture_width)), min(picture_width, round(right * picture_width)))
    rows = (max(0, round(top * picture_height)), min(picture_height, round(bottom * picture_height)))
    return Box(columns[0], rows[0], columns[1], rows[1])


class Fall:
    """A sheet of falling water; streaks gain speed on their way down. Without `lip` it comes from above the picture."""

    def __init__(
        self,
        where: Box,
        rng: np.random.Generator,
        *,
        bright: Colour = (0.95, 0.98, 1.0),
        deep: Colour = (0.45, 0.66, 0.78),
        speed: float = 0.75,
        thick: float = 0.95,
        lip: bool = True,
    ) -> None:
        self._where, self._speed, self._bright, self._deep = where, speed, bright, deep
        self._turns = 1024
        strand = max(3.0, where.height / 60)
        self._streaks = noise(where.width, self._turns, (strand * 3, 260), rng, octaves=4)
        self._strands = 0.55 + 0.45 * noise(where.width, 4, (strand * 2, 4), rng, octaves=2)[0]
        down = np.linspace(0.02, 1, where.height, dtype=np.float32)
        self._path = np.sqrt(down) * 900
        self._cover = self._shape(down, rng, thick, lip=lip)

    def _shape(self, down: Plane, rng: np.random.Generator, thick: float, *, lip: bool) -> Plane:
        across = np.linspace(-1, 1, self._where.width, dtype=np.float32)[None]
        ragged = (noise(2, self._where.height, (2, self._where.height / 9), rng)[:, :1] - 0.5) * 0.14
        half = 0.74 + 0.2 * down[:, None] ** 1.5 + ragged
        sides = smoothstep(half - np.abs(across), 0.0, 0.16) * np.float32(thick)
        if not lip:
            return sides
        edge = down[:, None] - 0.05 * noise(self._where.width, 2, (self._where.width / 7, 2), rng, octaves=3)[:1]
        return sides * smoothstep(edge, 0.0, 0.03)

    def onto(self, picture: Picture, time: float) -> None:
        rows = (self._path - time * self._speed * 900).astype(np.int64) % self._turns
        streaks = smoothstep(self._streaks[rows] * self._strands[None], 0.12, 0.75)
        colour = np.asarray(self._deep, np.float32) + streaks[..., None] * (
            np.asarray(self._bright, np.float32) - np.asarray(self._deep, np.float32)
        )
        mix(self._where.of(picture), self._cover * (0.62 + 0.38 * streaks), colour)


class Pool:
    """A level water surface seen at a slant: ripples are finer towards the far edge."""

    def __init__(
        self,
        where: Box,
        rng: np.random.Generator,
        *,
        near: Colour = (0.03, 0.32, 0.42),
        far: Colour = (0.25, 0.66, 0.70),
        sparkle: Colour = (0.9, 0.98, 1.0),
    ) -> None:
        self._where, self._sparkle = where, sparkle
        depth = np.linspace(0, 1, where.height, dtype=np.float32)
        slant = (1 / (0.12 + depth) * where.height * 0.16).astype(np.int64)
        grain = max(10.0, where.width / 16)
        maps = [noise(where.width, 512, (grain, 7), rng, octaves=4) for _ in range(2)]
        self._maps = [ripple[(slant[:, None] * 4) % 512, np.arange(where.width)[None]] for ripple in maps]
        self._tint = np.asarray(far, np.float32) + depth[:, None] * (np.asarray(near, np.float32) - np.asarray(far, np.float32))

    def onto(self, picture: Picture, time: float, *, reflection: Picture | None = None) -> None:
        shift = int(time * self._where.width * 0.05)
        first, second = np.roll(self._maps[0], shift, axis=1), np.roll(self._maps[1], -shift - 31, axis=1)
        wave = first * second
        area = self._where.of(picture)
        area[:] = self._tint[:, None] * (0.72 + 0.75 * wave[..., None])
        if reflection is not None:
            area += reflection * (0.25 + 0.9 * wave[..., None])
        light(area, smoothstep(wave, 0.44, 0.62) * 0.5, self._sparkle)


class Mist:
    """Spray rising where water lands."""

    def __init__(self, where: Box, rng: np.random.Generator, *, strength: float = 0.9) -> None:
        self._where, self._strength = where, strength
        across = np.linspace(-1, 1, where.width, dtype=np.float32)[None]
        up = np.linspace(-1.7, 0.7, where.height, dtype=np.float32)[:, None]
        self._shape = np.exp(-((across / 0.62) ** 4) - np.where(up < 0, up**2 * 1.2, up**2 * 9)).astype(np.float32)
        grain = max(8.0, where.height / 2.5)
        self._clouds = [noise(where.width, where.height, (grain, grain), rng, octaves=4) for _ in range(2)]

    def onto(self, picture: Picture, time: float, colour: Colour = (0.96, 0.98, 1.0)) -> None:
        lift = int(time * self._where.height * 0.22)
        cloud = np.roll(self._clouds[0], -lift, axis=0) * np.roll(self._clouds[1], (-lift * 2, lift), axis=(0, 1))
        mix(self._where.of(picture), self._shape * smoothstep(cloud, 0.02, 0.55) * self._strength, colour)


class Drops:
    """Drops thrown up from a line of impact; each flies the same arc again and again."""

    def __init__(self, rng: np.random.Generator, count: int, *, line: tuple[float, float, float]) -> None:
        """`line` is (left, right, y) as fractions of the picture."""
        left, right, self._floor = line
        self._start = rng.uniform(left, right, count)
        self._drift = rng.normal(0, 0.05, count)
        self._leap = rng.uniform(0.15, 0.45, count)
        self._phase = rng.random(count)
        self._period = rng.uniform(0.5, 0.9, count)

    def onto(self, picture: Picture, time: float, colour: Colour = (1.0, 1.0, 1.0)) -> None:
        height, width = picture.shape[:2]
        flight = (time / self._period + self._phase) % 1
        x = (self._start + self._drift * flight) * width
        y = (self._floor - self._leap * flight * (1 - flight)) * height
        size = max(1, height // 240)
        for column, row in zip(x.astype(int), y.astype(int), strict=True):
            spot = picture[max(0, row) : row + size, max(0, column) : column + size]
            spot += 0.7 * (np.asarray(colour, np.float32) - spot)
