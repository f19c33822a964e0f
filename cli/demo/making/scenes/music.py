"""A concert: fingers on a piano's keys (unseen), a stage under moving lights, and the strings of a guitar."""

import numpy as np

from cli.demo.making.painting import (
    Colour,
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

BEAMS: tuple[Colour, ...] = ((0.95, 0.25, 0.55), (0.30, 0.55, 1.0), (1.0, 0.75, 0.35), (0.55, 0.30, 1.0))
BLACK_AFTER = (0, 1, 3, 4, 5)
"""The white keys of an octave that have a black key to their right."""


class Keyboard:
    """A keyboard from above; keys go down in a repeating tune and glow."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._tune = rng.integers(1, 15, 24)
        self._wood = self._lid(rng)
        x, y = grid(width, height)
        self._shade = (0.62 + 0.5 * np.exp(-(((x - 0.7) / 0.8) ** 2) - ((y - 0.9) / 0.7) ** 2))[..., None].astype(np.float32)

    def _lid(self, rng: np.random.Generator) -> Picture:
        width, height = self._size
        veins = noise(width, height, (width / 2, height / 60), rng, octaves=4)[..., None]
        return (veins * np.asarray((0.16, 0.05, 0.03), np.float32) + np.float32(0.02)).astype(np.float32)

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, pen = self._wood.copy(), Pen(width, height)
        beat = time * 3.2
        down = {int(self._tune[int(beat) % 24]), int(self._tune[(int(beat) + 9) % 24])}
        wide = 0.125
        pen.rectangle((-0.05, 0.30), (width / height + 0.05, 0.335), (0.55, 0.06, 0.10))
        for key in range(-1, 16):
            self._white(pen, key * wide, wide, pressed=key in down)
        for key in range(-1, 16):
            if key % 7 in BLACK_AFTER:
                self._black(pen, (key + 1) * wide, pressed=False)
        lay(picture, pen.sheet())
        for key in down:
            fade = np.float32(0.45 * (1 - beat % 1))
            light(picture, glow(width, height, ((key + 0.5) * wide, 0.82), 0.12) * fade, (1.0, 0.75, 0.35))
        picture *= self._shade
        return picture

    def _white(self, pen: Pen, left: float, wide: float, *, pressed: bool) -> None:
        end = 0.945 if pressed else 0.93
        pen.rectangle((left + 0.002, 0.335), (left + wide - 0.002, end + 0.025), (0.55, 0.53, 0.50), radius=0.008)
        tone = (0.86, 0.83, 0.76) if pressed else (0.98, 0.97, 0.94)
        pen.rectangle((left + 0.002, 0.335), (left + wide - 0.002, end), tone, radius=0.008)

    def _black(self, pen: Pen, middle: float, *, pressed: bool) -> None:
        low = 0.71 if pressed else 0.70
        pen.rectangle((middle - 0.038, 0.33), (middle + 0.038, low), (0.02, 0.02, 0.03), radius=0.008)
        pen.rectangle((middle - 0.030, 0.33), (middle + 0.030, low - 0.03), (0.13, 0.13, 0.16), radius=0.008)
        pen.line([(middle - 0.022, 0.36), (middle - 0.022, low - 0.05)], 0.006, (0.32, 0.32, 0.38))


class Stage:
    """A grand piano before a red curtain; coloured beams sweep over it."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        x, y = grid(width, height)
        folds = 0.5 + 0.5 * np.sin(x * 34 + 0.8 * np.sin(x * 9)) * (0.75 + 0.25 * np.sin(y * 3 + x * 5))
        self._still = (folds[..., None] * np.asarray((0.44, 0.03, 0.06), np.float32) + np.float32(0.03)).astype(np.float32)
        self._still *= 1.1 - 0.75 * y[..., None]
        boards = noise(width, height, (width / 3, height / 120), rng, octaves=3)[..., None]
        planks = (0.6 + 0.4 * boards) * np.asarray((0.34, 0.20, 0.10), np.float32)
        mix(self._still, below(width, height, np.full(width, 0.74, np.float32)), planks.astype(np.float32))
        self._piano = self._grand()
        self._dust = np.stack([rng.random(120), rng.random(120), rng.uniform(0.3, 1.0, 120)], axis=1)
        self._grid = (x, y)

    def _grand(self) -> Sheet:
        pen, body = Pen(*self._size), (0.015, 0.015, 0.02)
        pen.polygon([(0.72, 0.50), (1.30, 0.50), (1.12, 0.20), (1.04, 0.17), (0.96, 0.22), (0.90, 0.36)], (0.05, 0.05, 0.07))
        pen.line([(1.14, 0.26), (1.22, 0.50)], 0.008, (0.35, 0.30, 0.20))
        pen.polygon([(0.58, 0.52), (0.66, 0.50), (1.32, 0.50), (1.34, 0.53), (1.32, 0.60), (0.58, 0.60)], body)
        pen.line([(0.66, 0.503), (1.31, 0.503)], 0.006, (0.62, 0.48, 0.20))
        pen.rectangle((0.55, 0.555), (0.68, 0.60), (0.06, 0.06, 0.08))
        pen.rectangle((0.555, 0.552), (0.66, 0.566), (0.95, 0.94, 0.90))
        for leg in (0.64, 0.98, 1.27):
            pen.polygon([(leg - 0.018, 0.60), (leg + 0.018, 0.60), (leg + 0.009, 0.80), (leg - 0.009, 0.80)], body)
        pen.rectangle((0.40, 0.665), (0.53, 0.69), (0.10, 0.03, 0.03), radius=0.008)
        for leg in (0.42, 0.51):
            pen.line([(leg, 0.69), (leg, 0.80)], 0.010, body)
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, haze = self._still.copy(), np.zeros((height, width), np.float32)
        lay(picture, self._piano)
        x, y = self._grid
        for number, colour in enumerate(BEAMS):
            source = 0.25 + 0.42 * number
            slope = 0.42 * np.sin(time * 0.8 + number * 1.7) + (0.89 - source) * 0.6
            beam = np.exp(-(((x - source - slope * y) / (0.02 + 0.11 * y)) ** 2)) * (1.0 - 0.55 * y)
            light(picture, beam.astype(np.float32) * 0.30, colour)
            spot = ((x - source - slope * 0.84) / 0.20) ** 2 + ((y - 0.84) / 0.045) ** 2
            light(picture, (np.exp(-spot) * 0.4).astype(np.float32), colour)
            haze += beam.astype(np.float32)
        for drift, rise, shine in self._dust:
            column, row = int(((drift + 0.01 * time * shine) % 1) * width), int(((rise - 0.02 * time * shine) % 1) * height)
            picture[row : row + 2, column : column + 2] += np.float32(0.5 * shine) * haze[row, column]
        vignette(picture, 0.3)
        return picture


class Guitar:
    """Six strings over the sound hole; each rings after it is plucked."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        wide = width / height
        veins = noise(width, height, (width / 1.5, height / 70), rng, octaves=4)[..., None]
        top = gradient(width, height, [(0, (0.80, 0.50, 0.22)), (0.5, (0.90, 0.62, 0.30)), (1, (0.66, 0.36, 0.14))])
        self._still = (top * (0.72 + 0.4 * veins)).astype(np.float32)
        x, y = grid(width, height)
        away = np.sqrt((x - wide * 0.52) ** 2 + (y - 0.5) ** 2)
        for radius, thick, colour in (
            (0.40, 0.012, (0.20, 0.08, 0.03)),
            (0.375, 0.004, (0.95, 0.85, 0.6)),
            (0.36, 0.010, (0.20, 0.08, 0.03)),
        ):
            mix(self._still, smoothstep(thick - np.abs(away - radius), 0, 0.004), colour)
        hole = smoothstep(0.33 - away, 0, 0.006)
        mix(self._still, hole, (0.05, 0.025, 0.015))
        light(self._still, hole * glow(width, height, (wide * 0.52, 0.78), 0.25) * 0.16, (1.0, 0.6, 0.3))
        vignette(self._still, 0.4)

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, pen = self._still.copy(), Pen(width, height)
        along = np.linspace(-0.05, width / height + 0.05, 60)
        for number in range(6):
            level, since = 0.26 + 0.096 * number, (time - 0.31 * number) % 1.9
            swing = 0.013 * np.exp(-1.6 * since) * np.sin(since * (60 - 6 * number))
            bend = np.sin((along + 0.05) / (width / height + 0.1) * np.pi) * swing
            thick = 0.004 + 0.0016 * number
            pen.line([(float(x), level + 0.020) for x in along], thick, (0.30, 0.17, 0.08))
            tone = (0.93, 0.92, 0.88) if number < 3 else (0.85, 0.68, 0.40)
            pen.line([(float(x), level + float(dy)) for x, dy in zip(along, bend, strict=True)], thick, tone)
        lay(picture, pen.sheet())
        return picture
