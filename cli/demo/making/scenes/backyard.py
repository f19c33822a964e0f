"""The pool from the air, and the drawing it was built from."""

import numpy as np

from cli.demo.making.landscape import boulder
from cli.demo.making.painting import (
    Colour,
    Pen,
    Picture,
    Plane,
    Sheet,
    gradient,
    grid,
    lay,
    light,
    mix,
    noise,
    smoothstep,
)
from cli.demo.making.scenes.falls import STONE


class PoolFromAbove:
    """A free-form pool with a stone waterfall at one end; the camera drifts over it like a drone."""

    def __init__(self, width: int, height: int, rng: np.random.Generator, *, still: bool = False) -> None:
        self._size, self._still = (width, height), still
        self._canvas_size = (round(width * 1.25), round(height * 1.25))
        wide, tall = self._canvas_size
        x, y = grid(wide, tall)
        self._edge = self._outline(x, y)
        self._water = smoothstep(1 - self._edge, 0.0, 0.02)
        self._land = self._ground(rng)
        self._rocks = self._stones(rng)
        self._grid = (x, y)
        self._wobble = noise(wide, tall, (tall / 4, tall / 4), rng, octaves=2) * 6

    @staticmethod
    def _outline(x: Plane, y: Plane) -> Plane:
        angle = np.arctan2(y - 0.52, (x - 0.9) * 0.72)
        away = np.hypot((x - 0.9) * 0.72, y - 0.52)
        return np.asarray(away / (0.29 + 0.055 * np.cos(2 * angle + 0.6) + 0.035 * np.sin(3 * angle)), np.float32)

    def _ground(self, rng: np.random.Generator) -> Picture:
        wide, tall = self._canvas_size
        lawn = noise(wide, tall, (7, 7), rng, octaves=2)[..., None]
        patches = noise(wide, tall, (tall / 3, tall / 3), rng)[..., None]
        land = (0.65 + 0.35 * lawn + 0.25 * patches) * np.asarray((0.24, 0.45, 0.14), np.float32)
        slabs = self._paving(rng)
        deck = smoothstep(1.38 - self._edge, 0, 0.02)
        picture = land.astype(np.float32)
        mix(picture, deck, slabs)
        coping = smoothstep(1.09 - self._edge, 0, 0.015)
        mix(picture, coping, (0.86, 0.80, 0.70))
        chairs = Pen(wide, tall)
        for spot in (0.36, 0.42, 0.48):
            head, top, foot = 1.36 + spot * 0.25, spot - 0.10, spot - 0.055
            chairs.rectangle((head, top), (head + 0.14, foot), (0.96, 0.96, 0.94), radius=0.01)
            chairs.rectangle((head + 0.10, top), (head + 0.14, foot), (0.25, 0.50, 0.70), radius=0.01)
        chairs.ellipse((1.36, 0.68), (0.085, 0.085), (0.85, 0.30, 0.22))
        for n in range(8):
            angle = n * np.pi / 4
            chairs.line([(1.36, 0.68), (1.36 + 0.084 * np.cos(angle), 0.68 + 0.084 * np.sin(angle))], 0.003, (0.65, 0.2, 0.15))
        lay(picture, chairs.sheet())
        for _ in range(26):
            _bush(picture, rng)
        return picture

    def _paving(self, rng: np.random.Generator) -> Picture:
        wide, tall = self._canvas_size
        x, y = grid(wide, tall)
        row = np.floor(y / 0.055)
        column = np.floor((x + 0.04 * (row % 2)) / 0.08)
        tone = 0.5 + 0.5 * np.sin(row * 12.9 + column * 78.2) * np.cos(row * 3.1 + column * 1.7)
        gap = np.minimum(y / 0.055 - row, (x + 0.04 * (row % 2)) / 0.08 - column) < 0.05
        grain = noise(wide, tall, (9, 9), rng, octaves=2)
        shade = (0.72 + 0.12 * tone + 0.16 * grain) * np.where(gap, 0.78, 1.0)
        return np.asarray(shade[..., None] * np.asarray((0.80, 0.72, 0.62)), np.float32)

    def _stones(self, rng: np.random.Generator) -> Sheet:
        wide, tall = self._canvas_size
        picture = np.zeros((tall, wide, 3), np.float32)
        cover = np.zeros((tall, wide, 3), np.float32)
        for angle in np.linspace(1.75, 4.6, 13):
            for ring, size in ((0.10, 0.040), (0.0, 0.055)):
                reach = 0.40 + ring + rng.normal(0, 0.012)
                centre = (0.94 + 1.02 * reach * np.cos(angle), 0.50 + 0.72 * reach * np.sin(angle))
                radii, state = (size * rng.uniform(0.8, 1.2), size * rng.uniform(0.7, 0.95)), rng.integers(1 << 30)
                tone = STONE[int(rng.integers(len(STONE)))]
                boulder(picture, centre, radii, np.random.default_rng(state), tone)
                boulder(cover, centre, radii, np.random.default_rng(state), (9.0, 9.0, 9.0))
        return np.concatenate([picture, np.clip(cover[..., :1] * 2, 0, 1)], axis=-1)

    def frame(self, time: float) -> Picture:
        canvas = self._land.copy()
        mix(canvas, self._water, self._surface(time))
        lay(canvas, self._rocks)
        width, height = self._size
        spare_x, spare_y = self._canvas_size[0] - width, self._canvas_size[1] - height
        drift = 0.5 if self._still else 0.5 + 0.5 * np.sin(time * 0.35 - 0.9)
        left, top = round(spare_x * drift), round(spare_y * (0.2 + 0.6 * drift))
        return canvas[top : top + height, left : left + width].copy()

    def _surface(self, time: float) -> Picture:
        x, y = self._grid
        net = np.zeros_like(x)
        for n, (kx, ky, pace) in enumerate(((31, 19, 1.3), (-23, 29, 1.1), (12, -37, 1.6), (-35, -14, 0.9))):
            net += np.abs(np.sin(kx * x + ky * y + pace * time + self._wobble + n))
        lines = smoothstep(1 - net / 3.1, 0.25, 0.85)
        deep = np.clip(1 - self._edge, 0, 1)[..., None]
        darker = np.clip(deep * 2.2, 0, 1) * np.asarray((0.30, 0.34, 0.18), np.float32)
        tone = np.asarray((0.36, 0.80, 0.84), np.float32) - darker
        surface: Picture = tone.astype(np.float32)
        light(surface, lines * 0.5, (0.9, 1.0, 1.0))
        away = np.hypot(x - 0.56, y - 0.46)
        rings = (0.5 + 0.5 * np.sin(away * 130 - time * 11)) * np.exp(-((away / 0.14) ** 2))
        light(surface, (rings * 0.55).astype(np.float32), (1, 1, 1))
        foam = np.exp(-(((x - 0.52) / 0.05) ** 2) - ((y - 0.46) / 0.13) ** 2) * (0.6 + 0.4 * np.sin(90 * y + time * 14))
        mix(surface, np.clip(foam, 0, 0.9).astype(np.float32), (0.97, 0.99, 1.0))
        return surface


def _bush(picture: Picture, rng: np.random.Generator) -> None:
    tall, wide = picture.shape[:2]
    side = rng.random()
    x = rng.uniform(0, wide / tall)
    y = rng.uniform(0.0, 0.10) if side < 0.5 else rng.uniform(0.90, 1.0)
    radius, green = rng.uniform(0.03, 0.06), rng.uniform(0.28, 0.46)
    boulder(picture, (x + 0.015, y + 0.02), (radius, radius), rng, (0.05, 0.10, 0.04))
    boulder(picture, (x, y), (radius, radius), rng, (0.12, green, 0.13))


class SitePlan:
    """A blueprint: pool outline, waterfall, measures (no letters)."""

    LINE: Colour = (0.80, 0.90, 1.0)

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._picture = gradient(width, height, [(0, (0.07, 0.24, 0.48)), (1, (0.04, 0.17, 0.38))])
        del rng  # a drawing has no grain: a PNG of it stays small
        pen, wide = Pen(width, height), width / height
        for step in np.arange(0, wide, 0.05):
            pen.line([(float(step), 0), (float(step), 1)], 0.001, (0.16, 0.34, 0.58))
        for step in np.arange(0, 1, 0.05):
            pen.line([(0, float(step)), (wide, float(step))], 0.001, (0.16, 0.34, 0.58))
        lay(self._picture, pen.sheet())
        lay(self._picture, self._drawing(width, height))

    def _drawing(self, width: int, height: int) -> Sheet:
        pen, wide = Pen(width, height), width / height
        middle = wide * 0.50
        angles = np.linspace(0, 2 * np.pi, 160)
        for grow, thick in ((1.0, 0.006), (1.08, 0.003)):
            reach = grow * (0.30 + 0.055 * np.cos(2 * angles + 0.6) + 0.035 * np.sin(3 * angles))
            across, down = middle + 1.3 * reach * np.cos(angles), 0.5 + reach * np.sin(angles)
            pen.line(list(zip(across.tolist(), down.tolist(), strict=True)), thick, self.LINE)
        for a in np.linspace(2.3, 4.0, 9):
            pen.ring((middle + 0.46 * float(np.cos(a)), 0.5 + 0.38 * float(np.sin(a))), (0.05, 0.042), 0.003, self.LINE)
        for drop in np.linspace(-0.08, 0.08, 7):
            pen.line([(middle - 0.36, 0.5 + float(drop)), (middle - 0.24, 0.5 + float(drop))], 0.002, (0.55, 0.80, 1.0))
        for a, b in (((middle - 0.5, 0.93), (middle + 0.5, 0.93)), ((wide - 0.10, 0.2), (wide - 0.10, 0.8))):
            pen.line([a, b], 0.002, self.LINE)
            for end in (a, b):
                pen.line([(end[0] - 0.012, end[1] + 0.012), (end[0] + 0.012, end[1] - 0.012)], 0.003, self.LINE)
        pen.line([(0.03, 0.03), (wide - 0.03, 0.03), (wide - 0.03, 0.97), (0.03, 0.97), (0.03, 0.03)], 0.003, self.LINE)
        pen.polygon([(0.12, 0.20), (0.145, 0.10), (0.17, 0.20), (0.145, 0.18)], self.LINE)
        pen.ring((0.145, 0.16), (0.055, 0.055), 0.002, self.LINE)
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        """The same at any time."""
        del time
        return self._picture.copy()
