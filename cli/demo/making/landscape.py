"""Things that stand still in a landscape: boulders, mountains, trees, stars, sun."""

from collections.abc import Sequence

import numpy as np

from cli.demo.making.painting import (
    Colour,
    Picture,
    Plane,
    Point,
    below,
    glow,
    light,
    mix,
    noise,
    ridge,
    smoothstep,
)


def boulder(picture: Picture, centre: Point, radii: Point, rng: np.random.Generator, colour: Colour) -> None:
    """A rounded stone lit from the upper left; centre and radii are fractions of the height."""
    height, width = picture.shape[:2]
    x0, x1 = (round((centre[0] + side * radii[0] * 1.25) * height) for side in (-1, 1))
    y0, y1 = (round((centre[1] + side * radii[1] * 1.25) * height) for side in (-1, 1))
    left, top, right, bottom = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    wide, tall = x1 - x0, y1 - y0
    bend, speckle = rng.normal(0, 0.055, 6), noise(wide, tall, (wide / 3, tall / 3), rng, octaves=5)
    if left >= right or top >= bottom:
        return
    dy, dx = np.mgrid[0:tall, 0:wide].astype(np.float32)
    dx, dy = (dx / wide - 0.5) * 2.5, (dy / tall - 0.5) * 2.5
    angle = np.arctan2(dy, dx)
    reach = 1 + sum(amount * np.cos((n + 2) * angle + 7 * n * amount * 20) for n, amount in enumerate(bend))
    away = (np.abs(dx) ** 2.6 + np.abs(dy) ** 2.6) ** (1 / 2.6) / reach
    grain = noise(wide, tall, (6, 5), rng, octaves=2)
    lit = 0.62 - 0.34 * dx - 0.48 * dy - 0.35 * away**4 + 0.6 * (speckle - 0.5) + 0.22 * (grain - 0.5)
    cover = smoothstep(1 - away, 0.0, 6 / wide)
    cut = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
    shade = np.clip(lit, 0.08, 1.15)[..., None] * np.asarray(colour, np.float32)
    mix(picture[top:bottom, left:right], cover[cut], shade[cut].astype(np.float32))


def wall(
    picture: Picture,
    rng: np.random.Generator,
    *,
    spots: Sequence[Point],
    size: float,
    colours: Sequence[Colour],
) -> None:
    """Boulders at the given places, the far ones first."""
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        radius = size * rng.uniform(0.75, 1.25)
        tone = colours[int(rng.integers(len(colours)))]
        boulder(picture, (x, y), (radius * rng.uniform(1.0, 1.4), radius * rng.uniform(0.7, 0.95)), rng, tone)


def mountains(
    picture: Picture,
    rng: np.random.Generator,
    *,
    base: float,
    height: float,
    colour: Colour,
    haze: Colour,
    snow: float = 0.0,
    rough: float = 0.55,
) -> None:
    """A range that fades into haze towards its foot, with snow on the highest parts."""
    rows, columns = picture.shape[:2]
    edge = ridge(columns, rng, base=base, height=height, rough=rough)
    cover = below(columns, rows, edge)
    grain = noise(columns, rows, (columns / 14, rows / 5), rng, octaves=6)
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    slope = np.gradient(np.convolve(edge, np.ones(9) / 9, "same"))[None] * 90
    shade = np.clip(0.75 + 0.65 * (grain - 0.5) + np.clip(slope, -0.35, 0.35), 0.25, 1.35)
    tone = shade[..., None] * np.asarray(colour, np.float32)
    if snow:
        white = smoothstep(edge[None] + snow * height * (0.35 + 0.9 * grain) - down, -0.02, 0.05)
        tone += white[..., None] * (np.clip(shade, 0.6, 1.1)[..., None] * np.float32(0.95) - tone)
    fade = smoothstep(down, base - height, base + 0.1)[..., None] * 0.75
    tone = tone + fade * (np.asarray(haze, np.float32) - tone)
    mix(picture, cover, tone.astype(np.float32))


def conifers(
    picture: Picture,
    rng: np.random.Generator,
    *,
    count: int,
    ground: Point,
    size: Point,
    colour: Colour,
    snow: bool = False,
) -> None:
    """Conifers with their feet between the two heights of `ground` and of heights between those of `size`."""
    rows, columns = picture.shape[:2]
    for foot in sorted(rng.uniform(*ground, count)):
        nearness = (foot - ground[0]) / max(1e-6, ground[1] - ground[0])
        tall = (size[0] + (size[1] - size[0]) * nearness) * rng.uniform(0.75, 1.2)
        _conifer(picture, (rng.uniform(0, columns / rows), foot), tall, rng, colour, snow=snow)


def _conifer(picture: Picture, foot: Point, tall: float, rng: np.random.Generator, colour: Colour, *, snow: bool) -> None:
    rows, columns = picture.shape[:2]
    high, half = max(6, round(tall * rows)), max(3, round(tall * rows * 0.24))
    left, top = round(foot[0] * rows) - half, round(foot[1] * rows) - high
    down = np.linspace(0, 1, high, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, 2 * half, dtype=np.float32)[None]
    layers = down * (0.55 + 0.45 * ((down * 6.5) % 1))
    ragged = noise(2 * half, high, (5, 5), rng, octaves=2)
    cover = smoothstep(layers - np.abs(across) + 0.25 * (ragged - 0.6) * down, 0.0, 0.08)
    shade = (0.55 + 0.5 * ragged - 0.3 * across)[..., None] * np.asarray(colour, np.float32) * rng.uniform(0.8, 1.15)
    if snow:
        capped = smoothstep(((down * 6.5) % 1) * -1 + 0.62 + 0.5 * (ragged - 0.5), 0.0, 0.25)[..., None]
        shade = shade + capped * (np.float32(0.93) - shade)
    x0, y0, x1, y1 = max(0, left), max(0, top), min(columns, left + 2 * half), min(rows, top + high)
    if x0 < x1 and y0 < y1:
        cut = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        mix(picture[y0:y1, x0:x1], cover[cut], shade[cut].astype(np.float32))


def foliage(picture: Picture, rng: np.random.Generator, *, edge: Plane, colours: Sequence[Colour]) -> None:
    """A bank of leaves under an uneven edge: clumps of light and shade."""
    rows, columns = picture.shape[:2]
    clumps = noise(columns, rows, (rows / 9, rows / 9), rng, octaves=5)
    tone = noise(columns, rows, (rows / 3, rows / 3), rng, octaves=2)[..., None]
    first, second = (np.asarray(colour, np.float32) for colour in colours)
    leaves = (0.35 + 1.1 * clumps[..., None] ** 1.5) * (first + tone * (second - first))
    wavy = edge + (noise(columns, 2, (rows / 12, 2), rng, octaves=4)[0] - 0.5) * 0.1
    mix(picture, below(columns, rows, wavy), leaves.astype(np.float32))


def stars(picture: Picture, rng: np.random.Generator, *, count: int, floor: float = 1.0) -> None:
    rows, columns = picture.shape[:2]
    for x, y, brightness in zip(
        rng.integers(1, columns - 2, count),
        rng.integers(1, int(rows * floor) - 2, count),
        rng.random(count) ** 3,
        strict=True,
    ):
        picture[y, x] += brightness
        if brightness > 0.5:
            picture[y - 1 : y + 2, x] += brightness * 0.35
            picture[y, x - 1 : x + 2] += brightness * 0.35


def sun(picture: Picture, centre: Point, radius: float, colour: Colour, *, halo: float = 5.0) -> None:
    rows, columns = picture.shape[:2]
    light(picture, glow(columns, rows, centre, radius * halo) * 0.55, colour)
    light(picture, glow(columns, rows, centre, radius * halo / 2.4) * 0.4, colour)
    disc = smoothstep(glow(columns, rows, centre, radius), 0.33, 0.40)
    red, green, blue = (min(1.0, part * 0.3 + 0.75) for part in colour)
    mix(picture, disc, (red, green, blue))


def clouds(picture: Picture, rng: np.random.Generator, *, floor: float, colour: Colour, cover: float = 0.5) -> None:
    """Soft clouds from the top of the picture down to `floor`."""
    rows, columns = picture.shape[:2]
    shape = noise(columns, rows, (columns / 3, rows / 7), rng, octaves=6)
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    fade = smoothstep(floor - down, 0.0, floor * 0.6)
    mix(picture, smoothstep(shape, 1 - cover, 1.15 - cover * 0.4) * fade * 0.85, colour)
