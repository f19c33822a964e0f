"""Looks at candidate frames and puts them on a sheet, by Pillow and numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.proxy.sprite import Sheet
from services.proxy.thumbnails import Look

QUALITY = 75
"""JPEG quality of the sheet, whose tiles are looked at for moments."""
BLACK, WHITE = 16, 250
"""Brightness up to which a pixel shows nothing, and from which on."""


@dataclass(frozen=True)
class Candidate:
    """A frame on disk: when it is shown, in seconds, and how much it differs from the frames next to it, in per cent."""

    path: Path
    at: float
    change: float


def survey(frames: Sequence[Candidate], sheet: Sheet, path: Path) -> list[Look]:
    """Look at every frame, and save them side by side as one JPEG."""
    whole = Image.new("RGB", sheet.size)
    looks = list[Look]()
    for number, frame in enumerate(frames):
        with Image.open(frame.path) as image:
            image.load()
            looks.append(look(np.asarray(image.convert("L")), frame))
            tile = image.resize((sheet.width, sheet.height), Image.Resampling.BOX)
        whole.paste(tile, sheet.place(number))
    whole.save(path, "JPEG", quality=QUALITY)
    return looks


def look(grey: NDArray[np.uint8], frame: Candidate) -> Look:
    """Measure a frame, given as its brightness."""
    counts = np.bincount(grey.ravel(), minlength=256)
    levels = np.arange(256)
    mean = float(counts @ levels) / grey.size
    return Look(
        at=frame.at,
        brightness=mean / 255,
        contrast=float(counts @ (levels - mean) ** 2 / grey.size) ** 0.5 / 255,
        clipped=float(counts[: BLACK + 1].sum() + counts[WHITE:].sum()) / grey.size,
        sharpness=steepness(grey),
        change=frame.change,
    )


def steepness(grey: NDArray[np.uint8]) -> float:
    """How much neighbouring pixels differ on average, across and down."""
    values = grey.astype(np.int16)
    steps = [np.abs(np.diff(values, axis=axis)) for axis in (0, 1)]
    return sum(float(step.mean()) for step in steps if step.size)


def size_of(frame: Path) -> tuple[int, int]:
    """Width and height."""
    with Image.open(frame) as image:
        return image.size
