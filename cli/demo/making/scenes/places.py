"""Two famous places in a painter's manner, for photographs."""

import numpy as np

from cli.demo.making.landscape import clouds, conifers, foliage, mountains
from cli.demo.making.painting import (
    Colour,
    Pen,
    Picture,
    Plane,
    below,
    glow,
    gradient,
    lay,
    light,
    mix,
    noise,
    smoothstep,
    vignette,
)
from cli.demo.making.water import Fall, Mist, Pool, box


class Niagara:
    """A broad curtain of water above a river with a small boat."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        wide = width / height
        picture = gradient(width, height, [(0, (0.30, 0.55, 0.86)), (0.3, (0.78, 0.88, 0.95)), (1, (0.8, 0.9, 0.9))])
        clouds(picture, rng, floor=0.3, colour=(1.0, 1.0, 1.0), cover=0.55)
        bank = np.full(width, 0.285, np.float32)
        foliage(picture, rng, edge=bank, colours=((0.12, 0.26, 0.16), (0.26, 0.40, 0.20)))
        mix(picture, below(width, height, bank + 0.045), (0.24, 0.52, 0.50))
        cliff = noise(width, height, (width / 30, height / 6), rng, octaves=5)[..., None]
        edge = (0.335 + 0.03 * np.cos(np.linspace(-2.6, 2.6, width))).astype(np.float32)
        mix(picture, below(width, height, edge), (0.25 + 0.4 * cliff) * np.asarray((0.42, 0.38, 0.33), np.float32))
        for left, right, top in ((-0.16, 0.30, 0.325), (0.16, 0.62, 0.345), (0.44, 0.88, 0.35), (0.70, 1.16, 0.325)):
            Fall(box(width, height, left, top, right, 0.74), rng, deep=(0.30, 0.60, 0.62), speed=0.4).onto(picture, 1.7)
        rows = height - round(0.72 * height)
        mirrored = picture[round(0.44 * height) : round(0.72 * height)][::-1][:rows] * np.float32(0.25)
        Pool(box(width, height, 0, 0.72, 1, 1), rng, near=(0.03, 0.24, 0.28), far=(0.42, 0.66, 0.66)).onto(
            picture, 2.0, reflection=mirrored
        )
        Mist(box(width, height, 0.0, 0.40, 1.0, 0.88), rng, strength=0.95).onto(picture, 0.7)
        self._rainbow(picture)
        lay(picture, self._boat(width, height, wide))
        self._picture = picture

    @staticmethod
    def _rainbow(picture: Picture) -> None:
        height, width = picture.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
        away = np.hypot(x - 0.85 * width / height, y - 0.95)
        for number, colour in enumerate(((0.9, 0.2, 0.2), (0.9, 0.7, 0.2), (0.3, 0.8, 0.3), (0.2, 0.5, 0.9), (0.5, 0.3, 0.8))):
            band = np.exp(-(((away - 0.50 + 0.013 * number) / 0.009) ** 2)) * smoothstep(0.75 - y, 0, 0.25)
            light(picture, band.astype(np.float32) * 0.16, colour)

    @staticmethod
    def _boat(width: int, height: int, wide: float) -> np.ndarray:
        pen, x, y = Pen(width, height), wide * 0.60, 0.82
        pen.polygon([(x - 0.06, y), (x + 0.065, y), (x + 0.045, y + 0.024), (x - 0.05, y + 0.024)], (0.94, 0.95, 0.97))
        pen.rectangle((x - 0.05, y - 0.022), (x + 0.045, y), (0.20, 0.40, 0.68))
        pen.rectangle((x - 0.035, y - 0.040), (x + 0.02, y - 0.022), (0.92, 0.94, 0.96))
        pen.line([(x - 0.01, y - 0.075), (x - 0.01, y - 0.04)], 0.003, (0.3, 0.3, 0.35))
        for n in range(14):
            pen.ellipse((x - 0.045 + 0.0065 * n, y - 0.027), (0.003, 0.005), (0.16, 0.30, 0.62))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        """The same at any time."""
        del time
        return self._picture.copy()


class YosemiteValley:
    """Granite walls, a thin high waterfall, conifers and a quiet river."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        picture = gradient(width, height, [(0, (0.20, 0.44, 0.80)), (0.45, (0.82, 0.90, 0.96)), (1, (0.9, 0.9, 0.8))])
        clouds(picture, rng, floor=0.3, colour=(1.0, 0.99, 0.97), cover=0.4)
        mountains(picture, rng, base=0.56, height=0.26, colour=(0.55, 0.60, 0.70), haze=(0.80, 0.86, 0.92), snow=0.4)
        across = np.linspace(0, 1, width, dtype=np.float32)
        right = 0.16 + 1.25 * np.clip(0.70 - across, 0, 1) + 0.03 * np.sin(across * 30)
        left = 0.10 + 1.5 * np.clip(across - 0.36, 0, 1) + 0.02 * np.sin(across * 26)
        self._granite(picture, rng, right.astype(np.float32), (0.66, 0.63, 0.60))
        self._granite(picture, rng, left.astype(np.float32), (0.78, 0.74, 0.69))
        Fall(box(width, height, 0.235, 0.13, 0.275, 0.60), rng, deep=(0.72, 0.80, 0.86), speed=0.5).onto(picture, 1.2)
        Mist(box(width, height, 0.17, 0.48, 0.34, 0.68), rng, strength=0.6).onto(picture, 1.0)
        foliage(picture, rng, edge=np.full(width, 0.66, np.float32), colours=((0.10, 0.22, 0.13), (0.18, 0.32, 0.16)))
        conifers(picture, rng, count=60, ground=(0.66, 0.74), size=(0.08, 0.17), colour=(0.09, 0.23, 0.14))
        meadow = (
            noise(width, height, (5, 12), rng, octaves=2)[..., None] * 0.5
            + noise(width, height, (width / 4, height / 12), rng)[..., None]
        )
        ground = (0.45 + 0.5 * meadow) * np.asarray((0.52, 0.60, 0.22), np.float32)
        mix(picture, below(width, height, np.full(width, 0.735, np.float32)), ground.astype(np.float32))
        self._river(picture, rng)
        conifers(picture, rng, count=9, ground=(0.86, 1.0), size=(0.34, 0.60), colour=(0.07, 0.18, 0.11))
        light(picture, glow(width, height, (1.0, 0.15), 0.8) * 0.10, (1.0, 0.9, 0.6))
        vignette(picture, 0.2)
        self._picture = picture

    @staticmethod
    def _granite(picture: Picture, rng: np.random.Generator, edge: Plane, colour: Colour) -> None:
        height, width = picture.shape[:2]
        streaks = noise(width, height, (width / 40, height / 2), rng, octaves=5)
        cracks = noise(width, height, (width / 9, height / 9), rng, octaves=6)
        jagged = edge + 0.03 * (noise(width, 2, (width / 30, 2), rng, octaves=5)[0] - 0.5)
        shade = 0.42 + 0.45 * streaks + 0.35 * cracks
        mix(picture, below(width, height, jagged), (shade[..., None] * np.asarray(colour, np.float32)).astype(np.float32))

    @staticmethod
    def _river(picture: Picture, rng: np.random.Generator) -> None:
        height, width = picture.shape[:2]
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
        down = np.clip((y - 0.735) / 0.265, 0, 1)
        middle = width / height * (0.44 + 0.10 * np.sin(down * 4.5)) + 0.1 * down
        cover = smoothstep(0.02 + 0.30 * down**1.4 - np.abs(x - middle), 0.0, 0.012) * (y > 0.737)
        mirrored = picture[::-1][: height - round(0.735 * height)]
        water = picture.copy()
        water[round(0.735 * height) :] = np.roll(picture, -round(0.47 * height), axis=0)[::-1][: len(mirrored)]
        ripple = noise(width, height, (width / 12, 7), rng, octaves=3)[..., None]
        water = water * (0.55 + 0.5 * ripple) + np.asarray((0.02, 0.10, 0.14), np.float32)
        mix(picture, cover.astype(np.float32), water.astype(np.float32))

    def frame(self, time: float) -> Picture:
        """The same at any time."""
        del time
        return self._picture.copy()
