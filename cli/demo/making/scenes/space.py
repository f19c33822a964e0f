"""A rocket on its pad, on its way up, and a satellite above a planet."""

import numpy as np
from PIL import Image

from cli.demo.making.landscape import mountains, stars
from cli.demo.making.painting import (
    Pen,
    Picture,
    Sheet,
    glow,
    gradient,
    grid,
    lay,
    light,
    mix,
    noise,
    smoothstep,
)

WHITE, GREY, DARK, RED = (0.94, 0.95, 0.97), (0.62, 0.66, 0.72), (0.16, 0.18, 0.22), (0.84, 0.20, 0.16)


def rocket(height: int) -> Sheet:
    """The rocket alone, `height` pixels tall, nose up."""
    pen = Pen(height // 2, height, oversample=4)
    pen.polygon([(0.13, 0.97), (0.19, 0.74), (0.31, 0.74), (0.37, 0.97), (0.31, 0.92), (0.19, 0.92)], RED)
    pen.polygon([(0.21, 0.90), (0.18, 0.99), (0.32, 0.99), (0.29, 0.90)], DARK)
    pen.rectangle((0.19, 0.20), (0.31, 0.93), WHITE)
    pen.polygon([(0.19, 0.205), (0.205, 0.11), (0.25, 0.02), (0.295, 0.11), (0.31, 0.205)], RED)
    pen.rectangle((0.19, 0.56), (0.31, 0.585), DARK)
    pen.rectangle((0.19, 0.27), (0.31, 0.285), RED)
    pen.ellipse((0.25, 0.37), (0.030, 0.030), GREY)
    pen.ellipse((0.25, 0.37), (0.021, 0.021), (0.20, 0.50, 0.80))
    sheet = pen.sheet().copy()
    across = np.linspace(-1, 1, sheet.shape[1], dtype=np.float32) / 0.24
    shade = np.clip(1.05 - 0.45 * np.clip(across + 0.35, -1, 1) ** 2, 0.45, 1.1)
    sheet[..., :3] *= shade[None, :, None]
    return sheet


def flame(picture: Picture, nozzle: tuple[float, float], size: float, time: float) -> None:
    height, width = picture.shape[:2]
    x, y = grid(width, height)
    flutter = 1 + 0.12 * np.sin(time * 41) + 0.08 * np.sin(time * 67 + 1)
    down = (y - nozzle[1]) / (size * flutter)
    waist = size * (0.12 + 0.1 * np.clip(down, 0, 1)) * (1 + 0.1 * np.sin(40 * down - time * 50))
    body = np.exp(-(((x - nozzle[0]) / waist) ** 2)) * smoothstep(1.1 - down, 0.0, 0.9) * (down > 0)
    light(picture, body.astype(np.float32) * 1.2, (1.0, 0.62, 0.22))
    core = np.exp(-(((x - nozzle[0]) / (waist * 0.4)) ** 2)) * smoothstep(0.6 - down, 0.0, 0.5) * (down > 0)
    light(picture, core.astype(np.float32), (0.9, 0.95, 1.0))
    light(picture, glow(width, height, nozzle, size * 1.6) * 0.5, (1.0, 0.55, 0.25))


class Pad:
    """The rocket beside its tower at dusk; the engines light and smoke rolls over the ground."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size, self._rocket = (width, height), rocket(round(0.62 * height))
        stops = [(0.0, (0.10, 0.14, 0.36)), (0.45, (0.55, 0.36, 0.52)), (0.72, (0.98, 0.66, 0.42))]
        self._still = gradient(width, height, stops)
        stars(self._still, rng, count=90, floor=0.3)
        mountains(self._still, rng, base=0.76, height=0.12, colour=(0.30, 0.22, 0.34), haze=(0.9, 0.6, 0.45))
        lay(self._still, self._tower())
        self._smoke = [noise(width, height, (height / 3, height / 4), rng, octaves=5) for _ in range(2)]

    def _tower(self) -> Sheet:
        width, height = self._size
        pen, x = Pen(width, height), width / height * 0.5 + 0.13
        pen.rectangle((-0.1, 0.80), (width / height + 0.1, 1.1), (0.13, 0.12, 0.16))
        pen.rectangle((x - 0.36, 0.775), (x + 0.16, 0.83), (0.20, 0.19, 0.24))
        for side in (x, x + 0.075):
            pen.line([(side, 0.10), (side, 0.80)], 0.008, (0.30, 0.14, 0.14))
        for level in np.arange(0.12, 0.78, 0.055):
            pen.line([(x, level), (x + 0.075, level + 0.055)], 0.004, (0.36, 0.17, 0.16))
            pen.line([(x + 0.075, level), (x, level + 0.055)], 0.004, (0.36, 0.17, 0.16))
        for arm in (0.26, 0.46, 0.62):
            pen.line([(x, arm), (x - 0.085, arm)], 0.009, (0.33, 0.17, 0.17))
        pen.ellipse((x + 0.0375, 0.095), (0.008, 0.008), (1.0, 0.3, 0.25))
        return pen.sheet()

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture, middle = self._still.copy(), width / height * 0.5
        power = float(np.clip((time - 0.8) / 1.5, 0, 1))
        if power:
            flame(picture, (middle, 0.775), 0.10 + 0.06 * power, time)
        shake = round(np.sin(time * 60) * power * 1.5)
        sheet = self._rocket
        lay(picture, sheet, (round(middle * height) - sheet.shape[1] // 2 + shake, round(0.785 * height) - sheet.shape[0]))
        self._billow(picture, time, power)
        return picture

    def _billow(self, picture: Picture, time: float, power: float) -> None:
        width, height = self._size
        x, y = grid(width, height)
        reach = 0.10 + 0.75 * power
        across = np.abs(x - width / height * 0.5)
        top = 0.80 - (0.05 + 0.20 * power) * np.exp(-((across / reach) ** 2)) * (0.35 + across / max(reach, 0.1))
        rising = np.roll(self._smoke[1], (int(time * -40), -int(time * 50)), axis=(0, 1))
        curls = np.roll(self._smoke[0], int(time * 70), axis=1) * rising
        cover = smoothstep(y - top - 0.16 * (0.35 - curls), -0.02, 0.08) * smoothstep(reach * 1.3 - across, 0.0, 0.3)
        warm = glow(width, height, (width / height * 0.5, 0.8), 0.35)[..., None] * power
        colour = (0.45 + 0.55 * curls[..., None]) * np.asarray((0.95, 0.88, 0.90), np.float32)
        colour = colour + warm * np.asarray((0.5, 0.22, 0.02), np.float32)
        mix(picture, (cover * 0.95).astype(np.float32), colour.astype(np.float32))


class Ascent:
    """The rocket in flight; stars slide down past it."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size, self._rocket = (width, height), rocket(round(0.5 * height))
        self._sky = gradient(width, height, [(0, (0.02, 0.03, 0.10)), (0.6, (0.06, 0.12, 0.32)), (1, (0.22, 0.36, 0.62))])
        self._stars = np.zeros((height, width, 3), np.float32)
        stars(self._stars, rng, count=420)
        self._trail = noise(width, 1024, (height / 7, 90), rng, octaves=5)

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture = self._sky + np.roll(self._stars, int(time * height * 0.22), axis=0)
        sway = 0.012 * np.sin(time * 1.7)
        middle, nozzle = width / height * 0.5 + sway, 0.70
        self._exhaust(picture, middle, nozzle, time)
        flame(picture, (middle, nozzle - 0.01), 0.20, time)
        corner = (round(middle * height) - self._rocket.shape[1] // 2, round(nozzle * height) - self._rocket.shape[0])
        lay(picture, self._rocket, corner)
        return picture

    def _exhaust(self, picture: Picture, middle: float, nozzle: float, time: float) -> None:
        width, height = self._size
        x, y = grid(width, height)
        down = np.clip((y - nozzle) / (1 - nozzle), 0, 1)
        puffs = self._trail[(np.arange(height) - int(time * height * 1.1)) % 1024]
        spread = 0.03 + 0.12 * down
        cover = np.exp(-(((x - middle) / spread) ** 2)) * smoothstep(down, 0.1, 0.5) * (0.35 + 0.65 * puffs)
        mix(picture, cover.astype(np.float32), (0.93, 0.90, 0.92))


class Orbit:
    """A satellite crosses a blue and green planet."""

    def __init__(self, width: int, height: int, rng: np.random.Generator) -> None:
        self._size = (width, height)
        self._still = np.zeros((height, width, 3), np.float32) + np.float32(0.008)
        stars(self._still, rng, count=500)
        self._land = noise(1024, 512, (130, 90), rng, octaves=7)
        self._cloud = noise(1024, 512, (120, 50), rng, octaves=6)
        self._centre, self._radius = (width / height * 0.62, 0.78), 0.62
        x, y = grid(width, height)
        self._u, self._v = (x - self._centre[0]) / self._radius, (y - self._centre[1]) / self._radius
        self._depth = np.sqrt(np.clip(1 - self._u**2 - self._v**2, 0, 1)).astype(np.float32)
        self._satellite = _satellite(round(height * 0.26))

    def frame(self, time: float) -> Picture:
        width, height = self._size
        picture = self._still.copy()
        away = np.sqrt(self._u**2 + self._v**2)
        halo = np.exp(-(np.clip(away - 1, 0, None) / 0.06)) * (away > 0.97) * np.clip(0.5 - self._u * 0.5 - self._v * 0.5, 0, 1)
        light(picture, (halo * 0.8).astype(np.float32), (0.35, 0.65, 1.0))
        cover = smoothstep(1 - away.astype(np.float32), 0.0, 0.006)
        mix(picture, cover, self._globe(time))
        x = (0.14 + 0.055 * time) * width
        y = (0.40 - 0.022 * time) * height
        lay(picture, self._satellite, (round(x), round(y)))
        return picture

    def _globe(self, time: float) -> Picture:
        turn = np.arctan2(self._u, np.maximum(self._depth, 1e-3))
        columns = ((turn / np.pi * 512) + time * 9).astype(np.int64) % 1024
        rows = np.clip((np.arcsin(np.clip(self._v, -1, 1)) / np.pi + 0.5) * 511, 0, 511).astype(np.int64)
        land = smoothstep(self._land[rows, columns], 0.5, 0.56)[..., None]
        sea = np.asarray((0.05, 0.22, 0.52), np.float32)
        ground = np.asarray((0.22, 0.48, 0.18), np.float32) * (0.6 + 0.9 * self._land[rows, columns][..., None])
        globe = sea + land * (ground - sea)
        cloud = smoothstep(self._cloud[rows, (columns + int(time * 4)) % 1024], 0.55, 0.85)[..., None] * 0.85
        globe = globe + cloud * (1 - globe)
        day = np.clip(-0.55 * self._u - 0.5 * self._v + 0.62 * self._depth, 0.03, 1.2)[..., None]
        return np.asarray(globe * day, np.float32)


def _satellite(height: int) -> Sheet:
    pen = Pen(height * 2, height, oversample=4)
    for left in (0.12, 1.18):
        pen.rectangle((left, 0.36), (left + 0.68, 0.62), (0.10, 0.20, 0.50))
        for line in np.arange(left, left + 0.69, 0.097):
            pen.line([(float(line), 0.36), (float(line), 0.62)], 0.012, (0.55, 0.66, 0.85))
        pen.line([(left, 0.49), (left + 0.68, 0.49)], 0.012, (0.55, 0.66, 0.85))
    pen.line([(0.78, 0.49), (1.22, 0.49)], 0.03, GREY)
    pen.rectangle((0.86, 0.30), (1.14, 0.70), (0.86, 0.70, 0.36), radius=0.03)
    pen.rectangle((0.90, 0.36), (1.10, 0.50), WHITE, radius=0.01)
    pen.ellipse((1.0, 0.16), (0.15, 0.10), WHITE)
    pen.ellipse((1.0, 0.13), (0.12, 0.06), GREY)
    pen.line([(1.0, 0.24), (1.0, 0.31)], 0.02, GREY)
    return _tilted(pen.sheet())


def _tilted(sheet: Sheet) -> Sheet:
    image = Image.fromarray((sheet * 255).astype(np.uint8), "RGBA")
    turned = image.rotate(16, Image.Resampling.BICUBIC, expand=True)
    return np.asarray(turned, np.float32) / np.float32(255)
