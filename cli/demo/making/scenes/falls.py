"""Waterfalls: the finished feature by day and by night, its sheet from close by, and the grotto from inside."""

import colorsys

import numpy as np

from cli.demo.making.landscape import boulder, conifers, foliage, stars, wall
from cli.demo.making.painting import (
    Colour,
    Picture,
    glow,
    gradient,
    grid,
    light,
    mix,
    noise,
    smoothstep,
    vignette,
)
from cli.demo.making.water import Drops, Fall, Mist, Pool, box

STONE: tuple[Colour, ...] = ((0.66, 0.56, 0.45), (0.58, 0.52, 0.46), (0.72, 0.62, 0.48), (0.50, 0.46, 0.43))
WET: tuple[Colour, ...] = ((0.34, 0.30, 0.27), (0.29, 0.28, 0.28), (0.40, 0.34, 0.28))


class GardenFall:
    """A stone waterfall that drops into a pool in front of trees."""

    def __init__(self, width: int, height: int, rng: np.random.Generator, *, night: bool = False) -> None:
        self._night, self._size = night, (width, height)
        self._still = self._landscape(rng)
        where = box(width, height, 0.36, 0.27, 0.64, 0.70)
        self._fall = Fall(where, rng, deep=(0.42, 0.62, 0.74))
        self._side = Fall(box(width, height, 0.19, 0.44, 0.27, 0.69), rng, deep=(0.45, 0.6, 0.68))
        self._pool = Pool(box(width, height, 0, 0.68, 1, 1), rng)
        self._mist = Mist(box(width, height, 0.28, 0.50, 0.72, 0.78), rng, strength=0.8)
        self._drops = Drops(rng, 90, line=(0.37, 0.63, 0.71))
        self._glow = glow(width, height, (0.5 * width / height, 0.62), 0.42)

    def _landscape(self, rng: np.random.Generator) -> Picture:
        width, height = self._size
        wide = width / height
        picture = gradient(width, height, [(0, (0.36, 0.62, 0.90)), (0.4, (0.80, 0.90, 0.96)), (1, (0.7, 0.8, 0.7))])
        foliage(picture, rng, edge=np.full(width, 0.20, np.float32), colours=((0.10, 0.28, 0.12), (0.30, 0.46, 0.16)))
        conifers(picture, rng, count=14, ground=(0.34, 0.5), size=(0.3, 0.42), colour=(0.10, 0.26, 0.15))
        foliage(picture, rng, edge=np.full(width, 0.47, np.float32), colours=((0.16, 0.40, 0.12), (0.42, 0.58, 0.18)))
        spots = [
            (wide * (0.5 + side * across), 0.66 - rise + 0.02 * rng.random())
            for side in (-1, 1)
            for across, rise in (
                (0.42, 0.02),
                (0.36, 0.06),
                (0.30, 0.12),
                (0.30, 0.0),
                (0.235, 0.2),
                (0.24, 0.05),
                (0.19, 0.29),
                (0.18, 0.17),
                (0.17, 0.04),
                (0.155, 0.36),
            )
        ]
        crown = [(wide * x, 0.27 + 0.03 * rng.random()) for x in (0.38, 0.44, 0.5, 0.56, 0.62)]
        mix(picture, glow(width, height, (wide / 2, 0.52), 0.3), (0.16, 0.14, 0.13))
        wall(picture, rng, spots=[*spots, *crown], size=0.095, colours=STONE)
        if self._night:
            picture = _moonlit(picture)
            stars(picture, rng, count=120, floor=0.2)
        return picture

    def frame(self, time: float) -> Picture:
        picture = self._still.copy()
        height = self._size[1]
        tint = _lamp(time) if self._night else (0.96, 0.98, 1.0)
        mirrored = picture[round(0.36 * height) : round(0.68 * height)][::-1]
        self._side.onto(picture, time + 3)
        self._fall.onto(picture, time)
        rows = height - round(0.68 * height)
        self._pool.onto(picture, time, reflection=0.42 * mirrored[:rows])
        if self._night:
            picture[round(0.68 * height) :] *= np.float32(0.35)
        self._mist.onto(picture, time, tint)
        self._drops.onto(picture, time, tint)
        if self._night:
            picture *= 1 - 0.62 * (1 - self._glow[..., None])
            light(picture, self._glow * 0.42, tint)
        return picture


def _moonlit(picture: Picture) -> Picture:
    grey = picture.mean(axis=-1, keepdims=True)
    return np.asarray((0.35 * picture + 0.3 * grey) * np.asarray((0.30, 0.38, 0.62)), np.float32)


def _lamp(time: float) -> Colour:
    """The colour of the lights under the water, once round the wheel in nine seconds."""
    red, green, blue = colorsys.hsv_to_rgb((0.55 + time / 9) % 1, 0.75, 1.0)
    return red, green, blue


class CloseFall:
    """The sheet of water from two steps away, between wet stones."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        wide = width / height
        self._still = gradient(width, height, [(0, (0.22, 0.25, 0.26)), (1, (0.10, 0.13, 0.15))])
        spots = [(wide * rng.uniform(-0.02, 0.2), y) for y in np.linspace(0, 1, 8)]
        spots += [(wide * rng.uniform(0.8, 1.02), y) for y in np.linspace(0, 1, 8)]
        wall(self._still, rng, spots=[(x, y) for x, y in spots], size=0.2, colours=WET)
        self._falls = [
            Fall(box(width, height, 0.10, 0, 0.62, 1), rng, deep=(0.30, 0.50, 0.60), speed=0.5, lip=False),
            Fall(box(width, height, 0.45, 0, 0.90, 1), rng, deep=(0.36, 0.56, 0.64), speed=0.56, lip=False),
        ]
        self._front = [((wide * x, 1.02), (0.2, 0.13)) for x in (0.12, 0.36, 0.86)]
        self._stones = self._still.copy()
        self._drops = Drops(rng, 160, line=(0.1, 0.9, 0.96))
        self._mist = Mist(box(width, height, 0, 0.55, 1, 1), rng, strength=0.85)
        self._rng_state = rng.integers(1 << 30)

    def frame(self, time: float) -> Picture:
        picture = self._still.copy()
        for fall in self._falls:
            fall.onto(picture, time)
        rng = np.random.default_rng(self._rng_state)
        for centre, radii in self._front:
            boulder(picture, centre, radii, rng, WET[0])
        self._mist.onto(picture, time)
        self._drops.onto(picture, time)
        return picture


class Grotto:
    """Looking out from the cave behind the water."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        wide = width / height
        x, y = grid(width, height)
        warp = 0.16 * (noise(width, height, (height / 4, height / 4), rng, octaves=4) - 0.5)
        arch = ((x - wide / 2) / (0.34 * wide)) ** 2 + (np.maximum(0, 0.62 - y) / 0.5) ** 2 + warp * 2
        self._opening = smoothstep(1 - arch, 0.0, 0.10) * smoothstep(0.80 - y, 0.0, 0.03)
        rim = np.exp(-(((arch - 1.0) / 0.35) ** 2)).astype(np.float32)
        rock = noise(width, height, (height / 3, height / 5), rng, octaves=6)
        self._rock = (0.05 + 0.10 * rock + 0.32 * rim * rock)[..., None] * np.asarray((0.85, 0.95, 1.0), np.float32)
        self._outside = gradient(width, height, [(0, (0.75, 0.93, 1.0)), (0.55, (0.55, 0.85, 0.75)), (1, (0.2, 0.5, 0.5))])
        foliage(self._outside, rng, edge=np.full(width, 0.42, np.float32), colours=((0.3, 0.55, 0.3), (0.6, 0.8, 0.4)))
        curtain = box(width, height, 0.12, 0.0, 0.88, 0.80)
        self._fall = Fall(curtain, rng, deep=(0.30, 0.66, 0.78), thick=0.75, speed=0.6, lip=False)
        self._pool = Pool(box(width, height, 0, 0.77, 1, 1), rng, near=(0.01, 0.10, 0.16), far=(0.20, 0.62, 0.72))
        self._mist = Mist(box(width, height, 0.1, 0.55, 0.9, 0.92), rng, strength=0.7)
        self._middle = glow(width, height, (wide / 2, 0.8), 0.6)[..., None]

    def frame(self, time: float) -> Picture:
        picture = self._outside.copy()
        self._fall.onto(picture, time)
        self._mist.onto(picture, time)
        mix(picture, 1 - self._opening, self._rock)
        height = self._size[1]
        top = round(0.77 * height)
        self._pool.onto(picture, time)
        picture[top:] *= 0.25 + 0.85 * self._middle[top:]
        vignette(picture, 0.3)
        return picture
