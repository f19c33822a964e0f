"""Calm views: coffee at a window, a winter forest, a sunset over the ocean."""

import numpy as np

from cli.demo.making.landscape import clouds, conifers, foliage, mountains, sun
from cli.demo.making.painting import (
    Pen,
    Picture,
    Sheet,
    below,
    glow,
    gradient,
    grid,
    lay,
    light,
    mix,
    noise,
    smoothstep,
    vignette,
)


class Coffee:
    """A steaming cup on a kitchen table in the morning."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._still = gradient(width, height, [(0, (0.62, 0.52, 0.42)), (0.7, (0.80, 0.70, 0.58)), (1, (0.5, 0.4, 0.3))])
        lay(self._still, self._window(rng))
        grain = noise(width, height, (width / 2, height / 80), rng, octaves=4)[..., None]
        table = (0.62 + 0.5 * grain) * np.asarray((0.44, 0.26, 0.14), np.float32)
        mix(self._still, below(width, height, np.full(width, 0.70, np.float32)), table.astype(np.float32))
        light(self._still, glow(width, height, (0.45, 0.75), 0.7) * 0.22, (1.0, 0.82, 0.5))
        mix(self._still, _oval(width, height, (1.14, 0.885), (0.36, 0.06)) * 0.55, (0.10, 0.05, 0.03))
        lay(self._still, self._cup())
        self._steam = [noise(width, height, (height / 5, height / 3), rng, octaves=4) for _ in range(2)]
        vignette(self._still, 0.3)

    def _window(self, rng: np.random.Generator) -> Sheet:
        width, height = self._size
        view = gradient(width, height, [(0, (0.45, 0.70, 0.94)), (0.45, (0.93, 0.84, 0.68)), (1, (0.9, 0.8, 0.6))])
        sun(view, (0.70, 0.24), 0.03, (0.9, 0.62, 0.25), halo=3.0)
        foliage(view, rng, edge=np.full(width, 0.44, np.float32), colours=((0.35, 0.52, 0.25), (0.62, 0.70, 0.30)))
        pen = Pen(width, height)
        pen.rectangle((0.12, 0.06), (0.92, 0.60), (1, 1, 1))
        glass = pen.sheet()[..., 3:]
        bars = Pen(width, height)
        for a, b in (
            ((0.12, 0.06), (0.92, 0.06)),
            ((0.12, 0.60), (0.92, 0.60)),
            ((0.12, 0.06), (0.12, 0.60)),
            ((0.92, 0.06), (0.92, 0.60)),
            ((0.52, 0.06), (0.52, 0.60)),
            ((0.12, 0.30), (0.92, 0.30)),
        ):
            bars.line([a, b], 0.024, (0.96, 0.95, 0.92))
        bars.rectangle((0.07, 0.595), (0.97, 0.635), (0.92, 0.90, 0.86), radius=0.006)
        frame = bars.sheet()
        lay(view, frame)
        return np.concatenate([view, np.maximum(glass, frame[..., 3:])], axis=-1)

    def _cup(self) -> Sheet:
        pen, white = Pen(*self._size), (0.93, 0.94, 0.96)
        pen.ellipse((1.12, 0.86), (0.30, 0.062), (0.80, 0.82, 0.86))
        pen.ellipse((1.12, 0.85), (0.27, 0.050), white)
        pen.ring((1.335, 0.66), (0.085, 0.085), 0.026, (0.82, 0.84, 0.88))
        pen.polygon([(0.92, 0.55), (1.32, 0.55), (1.27, 0.80), (1.20, 0.855), (1.04, 0.855), (0.97, 0.80)], white)
        pen.polygon([(1.24, 0.55), (1.32, 0.55), (1.27, 0.80), (1.20, 0.855), (1.17, 0.855)], (0.80, 0.82, 0.87))
        pen.rectangle((0.945, 0.655), (1.305, 0.685), (0.20, 0.46, 0.72))
        pen.ellipse((1.12, 0.55), (0.20, 0.042), (0.97, 0.98, 1.0))
        pen.ellipse((1.12, 0.555), (0.182, 0.034), (0.24, 0.12, 0.06))
        pen.ellipse((1.08, 0.55), (0.07, 0.012), (0.42, 0.24, 0.12))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture = self._still.copy()
        x, y = grid(width, height)
        up = np.clip((0.55 - y) / 0.48, 0, 1)
        middle = 1.12 + 0.05 * up * np.sin(up * 5 - time * 1.6)
        plume = np.exp(-(((x - middle) / (0.05 + 0.13 * up)) ** 2)) * smoothstep(0.56 - y, 0, 0.08) * (1 - up) ** 0.8
        swirl = np.roll(self._steam[0], -int(time * height * 0.14), axis=0)
        swirl = swirl * np.roll(self._steam[1], (-int(time * height * 0.22), int(time * 20)), axis=(0, 1))
        mix(picture, (plume * smoothstep(swirl, 0.08, 0.55) * 0.85).astype(np.float32), (1.0, 0.99, 0.97))
        return picture


def _oval(width: int, height: int, centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    x, y = grid(width, height)
    away = ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2
    return np.asarray(np.exp(-(away**2)), np.float32)


class WinterForest:
    """Snow falls on conifers below white mountains."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._still = gradient(width, height, [(0, (0.55, 0.66, 0.80)), (0.5, (0.86, 0.88, 0.92)), (1, (0.9, 0.92, 0.95))])
        mountains(self._still, rng, base=0.60, height=0.42, colour=(0.36, 0.42, 0.52), haze=(0.84, 0.87, 0.92), snow=0.7)
        ground = below(width, height, 0.66 + 0.02 * np.sin(np.linspace(0, 7, width, dtype=np.float32)))
        drift = noise(width, height, (width / 4, height / 14), rng, octaves=4)[..., None]
        mix(self._still, ground, (0.80 + 0.18 * drift) * np.asarray((0.95, 0.97, 1.0), np.float32))
        conifers(self._still, rng, count=34, ground=(0.62, 0.74), size=(0.14, 0.30), colour=(0.14, 0.28, 0.26), snow=True)
        conifers(self._still, rng, count=11, ground=(0.80, 1.0), size=(0.40, 0.66), colour=(0.09, 0.22, 0.20), snow=True)
        count = 260
        self._flakes = np.stack([rng.random(count), rng.random(count), rng.uniform(0.4, 1.0, count)], axis=1)

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture = self._still.copy()
        for number, (x, y, near) in enumerate(self._flakes):
            column = int((x + 0.015 * np.sin(time * 1.3 + number) + 0.02 * time * near) * width) % width
            row, size = int(((y + 0.13 * near * time) % 1) * height), max(2, round(near * height / 130))
            spot = picture[row : row + size, column : column + size]
            spot += np.float32(0.85 * near) * (1 - spot)
        return picture


class OceanSunset:
    """The sun goes down behind an island; its light glitters on the waves."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        sky = [(0, (0.20, 0.22, 0.48)), (0.3, (0.78, 0.38, 0.46)), (0.55, (1.0, 0.68, 0.36)), (1, (0.9, 0.5, 0.3))]
        self._sky = gradient(width, height, sky)
        clouds(self._sky, rng, floor=0.5, colour=(0.98, 0.56, 0.46), cover=0.42)
        self._island = np.zeros((height, width, 3), np.float32)
        hill = 0.585 - 0.13 * np.exp(-(((np.linspace(0, 1, width) - 0.24) / 0.10) ** 2)).astype(np.float32)
        hill -= 0.008 * noise(width, 2, (14, 2), rng, octaves=3)[0] * (hill < 0.575)
        self._hill = below(width, height, hill)
        self._waves = [noise(width, 512, (width / 18, 6), rng, octaves=4) for _ in range(2)]

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, place = self._sky.copy(), (width / height * 0.60, 0.40 + 0.008 * time)
        sun(picture, place, 0.065, (1.0, 0.75, 0.40), halo=4.5)
        mix(picture, self._hill, (0.16, 0.09, 0.16))
        top = round(0.575 * height)
        depth = np.linspace(0.001, 1, height - top, dtype=np.float32)[:, None]
        rows = (60 / (depth + 0.08)).astype(np.int64) % 512
        first = np.roll(self._waves[0], int(time * 26), axis=1)[rows[:, 0]]
        second = np.roll(self._waves[1], -int(time * 34), axis=1)[(rows[:, 0] + int(time * 9)) % 512]
        wave = first * 0.5 + second * 0.5
        tint = np.asarray((0.50, 0.28, 0.36), np.float32) * (1 - depth[..., None]) + depth[..., None] * np.asarray(
            (0.10, 0.12, 0.28), np.float32
        )
        picture[top:] = tint * (0.55 + 0.9 * wave[..., None])
        x = np.linspace(0, width / height, width, dtype=np.float32)[None]
        path = np.exp(-(((x - place[0]) / (0.07 + 0.20 * depth)) ** 2))
        light(picture[top:], (path * smoothstep(wave, 0.42, 0.66) * 1.1).astype(np.float32), (1.0, 0.74, 0.42))
        return picture
