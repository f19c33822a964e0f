"""A football match: the field from above, a shot at goal, and the stadium under its lights."""

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

CHALK: Colour = (0.93, 0.96, 0.92)
SHIRTS: tuple[Colour, ...] = ((0.85, 0.14, 0.14), (0.96, 0.96, 0.98))


def turf(width: int, height: int, rng: np.random.Generator, stripes: np.ndarray) -> Picture:
    """Mown grass; `stripes` counts the bands a pixel lies in."""
    grain = noise(width, height, (5, 5), rng, octaves=2) * 0.5 + noise(width, height, (90, 60), rng) * 0.5
    even = (np.floor(stripes) % 2)[..., None].astype(np.float32)
    tone = np.asarray((0.16, 0.47, 0.14), np.float32) + even * np.asarray((0.05, 0.09, 0.03), np.float32)
    return np.asarray(tone * (0.82 + 0.36 * grain[..., None]), np.float32)


def ball(size: int, turn: float) -> Sheet:
    """A white ball with dark patches, turned by an angle."""
    pen = Pen(size, size, oversample=4)
    pen.ellipse((0.5, 0.5), (0.48, 0.48), (0.95, 0.95, 0.95))
    for n in range(5):
        angle = turn + n * 2 * np.pi / 5
        pen.ellipse((0.5 + 0.36 * np.cos(angle), 0.5 + 0.36 * np.sin(angle)), (0.10, 0.10), (0.12, 0.12, 0.14))
    pen.ellipse((0.5, 0.5), (0.13, 0.13), (0.12, 0.12, 0.14))
    sheet = pen.sheet().copy()
    down = np.linspace(-1, 1, size, dtype=np.float32)
    sheet[..., :3] *= np.clip(0.98 - 0.28 * down[:, None] - 0.12 * down[None], 0, 1)[..., None]
    return sheet


class Field:
    """Twenty-two players and a ball, seen from a tower."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        x, _ = grid(width, height)
        self._still = turf(width, height, rng, x / 0.16)
        lay(self._still, self._lines())
        vignette(self._still, 0.25)
        self._homes = np.stack([rng.uniform(0.2, 1.58, 22), rng.uniform(0.12, 0.88, 22)], axis=1)
        self._swing = rng.uniform(0.03, 0.09, (22, 2))
        self._pace = rng.uniform(0.5, 1.3, (22, 2))
        self._phase = rng.uniform(0, 6.3, (22, 2))
        self._shirts = [self._player(SHIRTS[number % 2]) for number in range(22)]

    def _lines(self) -> Sheet:
        pen = Pen(*self._size)
        thick = 0.005
        for a, b in (
            ((0.09, 0.06), (1.69, 0.06)),
            ((0.09, 0.94), (1.69, 0.94)),
            ((0.09, 0.06), (0.09, 0.94)),
            ((1.69, 0.06), (1.69, 0.94)),
            ((0.89, 0.06), (0.89, 0.94)),
        ):
            pen.line([a, b], thick, CHALK)
        pen.ring((0.89, 0.5), (0.14, 0.14), thick, CHALK)
        pen.ellipse((0.89, 0.5), (0.008, 0.008), CHALK)
        for side, wall in ((1, 0.09), (-1, 1.69)):
            for depth, half in ((0.24, 0.27), (0.09, 0.13)):
                corner, far = (wall, 0.5 - half), (wall + side * depth, 0.5 + half)
                pen.line([corner, (far[0], corner[1]), far, (wall, far[1])], thick, CHALK)
            pen.ellipse((wall + side * 0.165, 0.5), (0.006, 0.006), CHALK)
        return pen.sheet()

    def _player(self, shirt: Colour) -> Sheet:
        size = round(self._size[1] * 0.055)
        pen = Pen(size, size, oversample=4)
        pen.ellipse((0.60, 0.62), (0.26, 0.20), (0.06, 0.20, 0.06))
        pen.ellipse((0.46, 0.48), (0.28, 0.20), shirt)
        pen.ellipse((0.46, 0.46), (0.12, 0.12), (0.35, 0.22, 0.14))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        height = self._size[1]
        picture = self._still.copy()
        at = self._homes + self._swing * np.sin(time * self._pace + self._phase)
        for sheet, (x, y) in zip(self._shirts, at, strict=True):
            lay(picture, sheet, (round(x * height) - sheet.shape[1] // 2, round(y * height) - sheet.shape[0] // 2))
        first, then, way = int(time / 0.9) * 5 % 22, (int(time / 0.9) + 1) * 5 % 22, (time / 0.9) % 1
        place = at[first] + (at[then] - at[first]) * (1 - (1 - way) ** 2)
        toy = ball(max(9, round(height * 0.024)), time * 9)
        lay(picture, toy, (round(place[0] * height), round((place[1] - 0.03 * np.sin(np.pi * way)) * height)))
        return picture


class Goal:
    """A shot that bends into the net; it starts anew every two seconds."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._middle = width / height / 2
        _, y = grid(width, height)
        self._still = gradient(width, height, [(0, (0.42, 0.68, 0.93)), (0.45, (0.86, 0.93, 0.97)), (1, (0.8, 0.9, 0.9))])
        crowd = noise(width, height, (6, 6), rng, octaves=1)[..., None] * np.asarray((0.75, 0.55, 0.6), np.float32)
        tint = rng.random((height // 8 + 1, width // 8 + 1, 3)).astype(np.float32)
        tint = np.repeat(np.repeat(tint, 8, axis=0), 8, axis=1)[:height, :width]
        stand = below(width, height, np.full(width, 0.26, np.float32))
        mix(self._still, stand, (0.25 * crowd + 0.45 * tint * crowd + 0.12).astype(np.float32))
        depth = 1 / np.clip(y - 0.47, 0.02, None)
        mix(self._still, below(width, height, np.full(width, 0.58, np.float32)), turf(width, height, rng, depth * 1.3))
        lay(self._still, self._frame(0.0, 0.0))

    def _frame(self, dent_x: float, dent: float) -> Sheet:
        """The goal; `dent` pushes the net outwards around `dent_x`."""
        pen, left, right, top, foot = Pen(*self._size), self._middle - 0.52, self._middle + 0.52, 0.22, 0.64
        for x in np.linspace(left + 0.05, right - 0.05, 27):
            push = dent * np.exp(-(((x - dent_x) / 0.12) ** 2))
            pen.line([(x, top + 0.05), (x, (top + foot) / 2 - push), (x, foot - 0.05)], 0.0018, (0.86, 0.88, 0.9))
        for y in np.linspace(top + 0.05, foot - 0.05, 13):
            row = [(x, y - dent * np.exp(-(((x - dent_x) / 0.12) ** 2))) for x in np.linspace(left + 0.05, right - 0.05, 27)]
            pen.line(row, 0.0018, (0.86, 0.88, 0.9))
        for side, inner in ((left, left + 0.05), (right, right - 0.05)):
            pen.line([(side, top), (inner, top + 0.05), (inner, foot - 0.05), (side, foot)], 0.003, (0.8, 0.82, 0.85))
        pen.line([(left, foot), (left, top), (right, top), (right, foot)], 0.015, (0.97, 0.97, 0.98))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        height = self._size[1]
        picture = self._still.copy()
        number, way = int(time // 2), min(1.0, (time % 2) / 1.1)
        aim = self._middle + (0.34, -0.36, 0.12)[number % 3]
        ease = 1 - (1 - way) ** 1.7
        x = self._middle - 0.25 + (aim - self._middle + 0.25) * ease + 0.22 * np.sin(np.pi * ease)
        y = 0.95 - 0.60 * ease - 0.20 * np.sin(np.pi * ease)
        if way == 1.0:
            settle = time % 2 - 1.1
            lay(picture, self._frame(aim, 0.05 * float(np.exp(-3 * settle))))
            y += 0.24 * min(1.0, (settle * 1.6) ** 2)
        size = round(height * (0.12 - 0.08 * ease))
        lay(picture, ball(size, time * 8), (round(x * height) - size // 2, round(y * height) - size // 2))
        return picture


class Stadium:
    """The ground by night: four masts of lamps, a bright field, confetti."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        wide = width / height
        x, y = grid(width, height)
        self._still = gradient(width, height, [(0, (0.01, 0.02, 0.07)), (0.55, (0.06, 0.10, 0.24))])
        bowl = 0.50 + 0.10 * ((x[0] - wide / 2) / (wide / 2)) ** 2
        seats = noise(width, height, (4, 4), rng, octaves=1)[..., None]
        mix(self._still, below(width, height, bowl - 0.12), (seats * np.asarray((0.34, 0.30, 0.42), np.float32)))
        stripes = (x - wide / 2) / np.clip(y - 0.30, 0.05, None) * 2.2 + 40
        mix(self._still, below(width, height, bowl + 0.06), turf(width, height, rng, stripes) * np.float32(1.25))
        self._beams = np.zeros((height, width), np.float32)
        for mast in (0.10, 0.36, 0.64, 0.90):
            spot = (wide * mast, 0.16)
            lean = (x - spot[0]) - (wide / 2 - spot[0]) * (y - spot[1]) * 1.1
            cone = np.exp(-((lean / (0.03 + 0.32 * np.clip(y - spot[1], 0, 1))) ** 2)) * smoothstep(y - spot[1], 0, 0.05)
            self._beams += (cone * np.exp(-2.2 * np.clip(y - spot[1], 0, 1))).astype(np.float32) * 0.22
            light(self._still, glow(width, height, spot, 0.10) * 0.9, (0.85, 0.92, 1.0))
            lay(self._still, self._mast(spot))
        self._paper = [(rng.random(), rng.random(), rng.uniform(0.08, 0.16), rng.random(3)) for _ in range(170)]

    def _mast(self, spot: tuple[float, float]) -> Sheet:
        pen = Pen(*self._size)
        pen.line([(spot[0], spot[1]), (spot[0], 0.46)], 0.008, (0.10, 0.12, 0.18))
        for row in range(3):
            for column in range(4):
                place = (spot[0] - 0.039 + 0.026 * column, spot[1] - 0.026 + 0.026 * row)
                pen.ellipse(place, (0.011, 0.011), (1.0, 1.0, 0.96))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture = self._still.copy()
        light(picture, self._beams * (1 + 0.08 * np.float32(np.sin(time * 5))), (0.8, 0.9, 1.0))
        size = max(3, height // 150)
        for number, (x, y, fall, colour) in enumerate(self._paper):
            row = int(((y + fall * time) % 1) * height)
            column = int((x + 0.012 * np.sin(time * 2.5 + number)) * width) % width
            turn = 1 + round(abs(np.sin(time * 6 + number)) * (size - 1))
            picture[row : row + turn, column : column + size] = np.float32(0.35) + 0.65 * colour.astype(np.float32)
        return picture
