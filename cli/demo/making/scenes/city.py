"""A city at night: the skyline over the water, fireworks, and the figures of the quarter on a wall."""

import numpy as np

from cli.demo.making.landscape import stars
from cli.demo.making.painting import (
    Colour,
    Pen,
    Picture,
    Sheet,
    glow,
    gradient,
    lay,
    light,
    mix,
    noise,
    smoothstep,
    vignette,
)

LAMPS: tuple[Colour, ...] = ((1.0, 0.82, 0.48), (1.0, 0.92, 0.72), (0.72, 0.88, 1.0), (1.0, 0.70, 0.36))
BURSTS: tuple[Colour, ...] = ((1.0, 0.45, 0.35), (0.45, 0.75, 1.0), (1.0, 0.85, 0.4), (0.6, 1.0, 0.6), (0.9, 0.5, 1.0))
SHORE = 0.70


class Skyline:
    """Towers with lit windows over a river; with `fireworks`, rockets burst above them."""

    def __init__(self, width: int, height: int, rng: np.random.Generator, *, fireworks: bool = False) -> None:
        self._size, self._rng = (width, height), rng
        top = ((0.01, 0.01, 0.05), (0.05, 0.04, 0.14)) if fireworks else ((0.03, 0.05, 0.16), (0.20, 0.14, 0.34))
        self._still = gradient(width, height, [(0, top[0]), (0.4, top[1]), (SHORE, (0.85, 0.42, 0.30))])
        if fireworks:
            self._still *= gradient(width, height, [(0, (1, 1, 1)), (SHORE, (0.35, 0.3, 0.5))])
        stars(self._still, rng, count=160, floor=0.35)
        for tone, tallest, lit in ((0.16, 0.34, 0.25), (0.09, 0.46, 0.45), (0.045, 0.36, 0.55)):
            lay(self._still, self._towers(rng, tone, tallest, lit))
        self._flicker = [(rng.integers(width), rng.integers(int(0.4 * height), int(0.68 * height))) for _ in range(60)]
        self._ripples = noise(width, 512, (width / 5, 16), rng, octaves=2)
        self._cars = [(rng.random(), rng.uniform(0.05, 0.14) * rng.choice([-1, 1])) for _ in range(26)]
        self._shows = self._plan(rng) if fireworks else []

    def _towers(self, rng: np.random.Generator, tone: float, tallest: float, lit: float) -> Sheet:
        width, height = self._size
        pen, x = Pen(width, height), -0.03
        while x < width / height:
            wide, tall = rng.uniform(0.05, 0.13), tallest * rng.uniform(0.35, 1.0) ** 1.3
            body = (tone * 0.75, tone * 0.8, tone * 1.5)
            pen.rectangle((x, SHORE - tall), (x + wide, SHORE), body)
            if rng.random() < 0.4:
                pen.rectangle((x + wide * 0.3, SHORE - tall - 0.03), (x + wide * 0.7, SHORE - tall), body)
                pen.line([(x + wide / 2, SHORE - tall - 0.09), (x + wide / 2, SHORE - tall)], 0.003, body)
            self._windows(pen, rng, (x, x + wide, SHORE - tall), lit)
            x += wide + rng.uniform(-0.01, 0.025)
        return pen.sheet()

    def _windows(self, pen: Pen, rng: np.random.Generator, tower: tuple[float, float, float], lit: float) -> None:
        left, right, top = tower
        colour = LAMPS[int(rng.integers(len(LAMPS)))]
        for y in np.arange(top + 0.012, SHORE - 0.012, 0.017):
            for x in np.arange(left + 0.008, right - 0.012, 0.0135):
                if rng.random() < lit:
                    dim = rng.uniform(0.35, 1.0)
                    shade = (colour[0] * dim, colour[1] * dim, colour[2] * dim)
                    pen.rectangle((float(x), float(y)), (float(x) + 0.007, float(y) + 0.009), shade)

    def _plan(self, rng: np.random.Generator) -> list["Burst"]:
        wide = self._size[0] / self._size[1]
        return [
            Burst(rng, start=0.45 * number - 0.8, centre=(wide * rng.uniform(0.15, 0.85), rng.uniform(0.12, 0.36)))
            for number in range(30)
        ]

    def frame(self, time: float) -> Picture:
        picture = self._still.copy()
        for number, (x, y) in enumerate(self._flicker):
            if (time * 0.7 + number * 0.37) % 2 < 1:
                picture[y : y + 5, x : x + 4] = LAMPS[number % len(LAMPS)]
        for burst in self._shows:
            burst.onto(picture, time)
        self._water(picture, time)
        self._traffic(picture, time)
        return picture

    def _water(self, picture: Picture, time: float) -> None:
        width, height = self._size
        shore = round(SHORE * height)
        rows = height - shore
        depth = np.arange(rows)
        ripple = self._ripples[((depth * 300 // (depth + 40)) + int(time * 14)) % 512]
        sway = ((ripple - 0.5) * (0.006 + 0.03 * depth[:, None] / rows) * width).astype(np.int64)
        columns = np.clip(np.arange(width)[None] + sway, 0, width - 1)
        mirror = np.clip(shore - 1 - (depth[:, None] * 1.4).astype(np.int64), 0, shore - 1)
        blurred = sum(picture[np.clip(mirror - step, 0, shore - 1), columns] for step in (0, 4, 8, 12)) * np.float32(0.25)
        picture[shore:] = blurred * np.asarray((0.6, 0.65, 0.8), np.float32) * (0.6 + 0.6 * ripple[..., None])

    def _traffic(self, picture: Picture, time: float) -> None:
        width, height = self._size
        row, size = round((SHORE - 0.012) * height), max(2, height // 180)
        for start, speed in self._cars:
            x = int(((start + speed * time) % 1) * width)
            colour = (1.0, 0.25, 0.15) if speed < 0 else (1.0, 0.95, 0.8)
            picture[row : row + size, x : x + 2 * size] = colour
            picture[row + 2 * size : row + 8 * size, x : x + 2 * size] += 0.25 * np.asarray(colour, np.float32)


class Burst:
    """One firework: sparks fly out, slow down, sink and fade."""

    def __init__(self, rng: np.random.Generator, *, start: float, centre: tuple[float, float]) -> None:
        count = 130
        angle, speed = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.35, 1.0, count) ** 0.5 * rng.uniform(0.16, 0.26)
        self._start, self._centre = start, centre
        self._aim = np.stack([np.cos(angle) * speed, np.sin(angle) * speed])
        self._colour = np.asarray(BURSTS[int(rng.integers(len(BURSTS)))], np.float32)

    def onto(self, picture: Picture, time: float) -> None:
        age = time - self._start
        if not 0 < age < 2.2:
            return
        height, width = picture.shape[:2]
        size = max(2, height // 240)
        for trail in range(7):
            then = max(0.0, age - 0.03 * trail)
            reach = 1 - np.exp(-2.6 * then)
            x = ((self._centre[0] + self._aim[0] * reach) * height).astype(int)
            y = ((self._centre[1] + self._aim[1] * reach + 0.05 * then**2) * height).astype(int)
            power = float(np.exp(-1.5 * age) * 1.5 * 0.72**trail)
            for column, row in zip(x, y, strict=True):
                if 0 <= column < width - size and 0 <= row < SHORE * height - size:
                    picture[row : row + size, column : column + size] += power * self._colour
        if age < 0.5:
            # The sky brightens and darkens gently: a flash would look like a cut.
            light(picture, glow(width, height, self._centre, 0.3) * float(np.sin(np.pi * age / 0.5)) * 0.12, (1, 0.9, 0.8))


class Figures:
    """Bars and a line that grow on a dark wall."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._still = gradient(width, height, [(0, (0.05, 0.08, 0.16)), (1, (0.02, 0.03, 0.07))])
        light(self._still, glow(width, height, (0.9, 0.3), 0.7) * 0.12, (0.3, 0.6, 1.0))
        self._goals = np.cumsum(rng.uniform(0.02, 0.075, 9)) + 0.12
        vignette(self._still, 0.3)

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, pen = self._still.copy(), Pen(width, height)
        for level in range(5):
            pen.line([(0.28, 0.82 - 0.14 * level), (1.5, 0.82 - 0.14 * level)], 0.0016, (0.18, 0.25, 0.38))
        tops = []
        for number, goal in enumerate(self._goals):
            grown = float(smoothstep(np.array([time * 1.1 - number * 0.28], np.float32), 0.0, 1.0)[0])
            left, top = 0.32 + 0.13 * number, 0.82 - goal * grown
            bright = number == len(self._goals) - 1
            colour = (1.0, 0.62, 0.20) if bright else (0.14, 0.42 + 0.03 * number, 0.74)
            pen.rectangle((left, top), (left + 0.085, 0.82), colour, radius=0.008)
            tops.append((left + 0.0425, top - 0.045 - 0.03 * grown))
        drawn = max(2, min(len(tops), int(time * 3.6) + 1))
        pen.line(tops[:drawn], 0.006, (0.55, 0.95, 0.85))
        for point in tops[:drawn]:
            pen.ellipse(point, (0.011, 0.011), (0.85, 1.0, 0.95))
        sheet = pen.sheet()
        lay(picture, sheet)
        mirrored = sheet[round(0.82 * height) - 1 : round(0.64 * height) : -1][: height - round(0.82 * height)].copy()
        mirrored[..., 3] *= np.linspace(0.28, 0.0, len(mirrored), dtype=np.float32)[:, None]
        lay(picture, mirrored, (0, round(0.825 * height)))
        mix(picture, glow(width, height, (0.32 + 0.13 * 8 + 0.04, 0.4), 0.25) * 0.1, (1.0, 0.7, 0.3))
        return picture
