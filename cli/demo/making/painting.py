"""Brushes: pictures are float32 arrays of height x width x 3 between 0 and 1; planes have no colour axis."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Picture = npt.NDArray[np.float32]
Plane = npt.NDArray[np.floating]
Sheet = npt.NDArray[np.float32]
"""Height x width x 4: colour and cover, to be laid over a picture."""
Colour = tuple[float, float, float]
Point = tuple[float, float]


class Pen:
    """Draws smooth shapes on a clear sheet; lengths are fractions of the sheet's height."""

    def __init__(self, width: int, height: int, *, oversample: int = 2) -> None:
        self._size = (width, height)
        self._unit = height * oversample
        self._image = Image.new("RGBA", (width * oversample, height * oversample), (0, 0, 0, 0))
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=_ink(colour))

    def ellipse(self, centre: Point, radii: Point, colour: Colour) -> None:
        (x, y), (rx, ry) = centre, radii
        box = ((x - rx) * self._unit, (y - ry) * self._unit, (x + rx) * self._unit, (y + ry) * self._unit)
        self._draw.ellipse(box, fill=_ink(colour))

    def ring(self, centre: Point, radii: Point, width: float, colour: Colour) -> None:
        (x, y), (rx, ry) = centre, radii
        box = ((x - rx) * self._unit, (y - ry) * self._unit, (x + rx) * self._unit, (y + ry) * self._unit)
        self._draw.ellipse(box, outline=_ink(colour), width=max(1, round(width * self._unit)))

    def rectangle(self, corner: Point, opposite: Point, colour: Colour, *, radius: float = 0.0) -> None:
        box = (corner[0] * self._unit, corner[1] * self._unit, opposite[0] * self._unit, opposite[1] * self._unit)
        self._draw.rounded_rectangle(box, radius * self._unit, fill=_ink(colour))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        self._draw.line(
            [(x * self._unit, y * self._unit) for x, y in points],
            fill=_ink(colour),
            width=max(1, round(width * self._unit)),
            joint="curve",
        )

    def sheet(self) -> Sheet:
        small = self._image.resize(self._size, Image.Resampling.BOX)
        return np.asarray(small, np.float32) / np.float32(255)


def _ink(colour: Colour) -> tuple[int, int, int, int]:
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in colour)
    return red, green, blue, 255


def gradient(width: int, height: int, stops: Sequence[tuple[float, Colour]]) -> Picture:
    """A vertical gradient through colours given at heights from 0 (top) to 1."""
    at = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    column = np.stack([np.interp(at, places, [colour[part] for _, colour in stops]) for part in range(3)], axis=-1)
    return np.repeat(column[:, None].astype(np.float32), width, axis=1)


def noise(width: int, height: int, cell: Point, rng: np.random.Generator, *, octaves: int = 3) -> Plane:
    """Smooth noise between 0 and 1 that continues at its own edges; `cell` is the coarsest grain in pixels."""
    total, weight = np.zeros((height, width), np.float32), 0.0
    for octave in range(octaves):
        columns = max(2, round(width / cell[0] * 2**octave))
        rows = max(2, round(height / cell[1] * 2**octave))
        grid = np.pad(rng.random((rows, columns), np.float32), 2, mode="wrap")
        image = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC, box=(2, 2, 2 + columns, 2 + rows))
        total += np.asarray(image) * 0.5**octave
        weight += 0.5**octave
    return stretch(total / weight)


def stretch(plane: Plane) -> Plane:
    low, high = float(plane.min()), float(plane.max())
    return ((plane - low) / max(high - low, 1e-6)).astype(np.float32)


def smoothstep(plane: Plane, low: float, high: float) -> Plane:
    step = np.clip((plane - low) / (high - low), 0, 1)
    return np.asarray(step * step * (3 - 2 * step), np.float32)


def grid(width: int, height: int) -> tuple[Plane, Plane]:
    """The x and y of every pixel as fractions of the height."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / height
    return x, y


def glow(width: int, height: int, centre: Point, radius: float) -> Plane:
    x, y = grid(width, height)
    square = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / radius**2
    return np.exp(-square).astype(np.float32)


def mix(picture: Picture, cover: Plane, colour: Colour | Picture) -> None:
    """Lays a colour over a picture in place, as thickly as `cover` says."""
    picture += cover[..., None] * (np.asarray(colour, np.float32) - picture)


def light(picture: Picture, amount: Plane, colour: Colour) -> None:
    """Adds light in place."""
    picture += amount[..., None] * np.asarray(colour, np.float32)


def lay(picture: Picture, sheet: Sheet, at: tuple[int, int] = (0, 0)) -> None:
    """Lays a sheet over a picture in place with its corner at (x, y) pixels; what falls outside is cut."""
    x, y = at
    height, width = picture.shape[:2]
    left, top = max(0, x), max(0, y)
    right, bottom = min(width, x + sheet.shape[1]), min(height, y + sheet.shape[0])
    if left >= right or top >= bottom:
        return
    part = sheet[top - y : bottom - y, left - x : right - x]
    picture[top:bottom, left:right] += part[..., 3:] * (part[..., :3] - picture[top:bottom, left:right])


def ridge(width: int, rng: np.random.Generator, *, base: float, height: float, rough: float = 0.55) -> Plane:
    """The upper edge of a mountain range: one height (fraction of the picture) for each column."""
    points = np.array([rng.random(), rng.random(), rng.random()])
    scale = 0.5
    while len(points) < width:
        between = (points[1:] + points[:-1]) / 2 + scale * (rng.random(len(points) - 1) - 0.5)
        merged = np.empty(len(points) + len(between))
        merged[0::2], merged[1::2] = points, between
        points, scale = merged, scale * rough
    line = points[:width]
    return np.asarray(base - height * (line - line.min()) / (line.max() - line.min()), np.float32)


def below(width: int, height: int, edge: Plane) -> Plane:
    """1 under the edge, 0 above it, one pixel of softness."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(np.clip(rows - edge[None] * height, 0, 1), np.float32)[:, :width]


def vignette(picture: Picture, depth: float = 0.35) -> None:
    height, width = picture.shape[:2]
    x, y = grid(width, height)
    away = ((x - width / height / 2) ** 2 / (width / height / 2) ** 2 + (y - 0.5) ** 2 * 4) / 2
    picture *= (1 - depth * away**1.5)[..., None]


def pixels(picture: Picture) -> npt.NDArray[np.uint8]:
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
