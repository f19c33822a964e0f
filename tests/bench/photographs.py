"""Photographs for the image benchmark: the spectrum of natural scenes with edges in it, in every class that is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyvips
from PIL import Image, ImageDraw

from tests.support.profiles import DISPLAY_P3, rgb_profile

SIDEWAYS = Image.Exif()
SIDEWAYS[0x0112] = 6
P3 = rgb_profile(DISPLAY_P3, 2.2)
QUALITY = 90

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Class:
    """A kind of image: how large (pixels, width and height) and how it is written."""

    name: str
    size: tuple[int, int]
    suffix: str
    write: Callable[[Image.Image, Path], None]
    is_large_jpeg: bool = False


def _jpeg(**options: object) -> Callable[[Image.Image, Path], None]:
    return lambda image, path: image.save(path, quality=QUALITY, **options)  # type: ignore[arg-type]


def _four_inks(image: Image.Image, path: Path) -> None:
    image.convert("CMYK").save(path, quality=QUALITY)


def _deep(image: Image.Image, path: Path) -> None:
    """Sixteen bits: Pillow cannot write them in colour."""
    fine = np.random.default_rng(0).integers(0, 256, (image.height, image.width, 3), dtype=np.uint16)
    values = (np.asarray(image).astype(np.uint16) << 8) | fine
    deep = pyvips.Image.new_from_memory(values.tobytes(), image.width, image.height, 3, "ushort").copy(interpretation="rgb16")
    deep.write_to_file(str(path))


TWELVE = (4000, 3000)
CLASSES = (
    Class("12 MP JPEG", TWELVE, ".jpg", _jpeg(), is_large_jpeg=True),
    Class("24 MP JPEG", (6000, 4000), ".jpg", _jpeg(), is_large_jpeg=True),
    Class("2 MP JPEG", (1920, 1080), ".jpg", _jpeg()),
    Class("12 MP JPEG, progressive", TWELVE, ".jpg", _jpeg(progressive=True)),
    Class("12 MP JPEG, on its side", TWELVE, ".jpg", _jpeg(exif=SIDEWAYS), is_large_jpeg=True),
    Class("12 MP JPEG in Display P3", TWELVE, ".jpg", _jpeg(icc_profile=P3), is_large_jpeg=True),
    Class("12 MP JPEG of four inks", TWELVE, ".jpg", _four_inks),
    Class("12 MP PNG", TWELVE, ".png", lambda image, path: image.save(path)),
    Class("12 MP PNG of 16 bits", TWELVE, ".png", _deep),
    Class("12 MP TIFF of 16 bits", TWELVE, ".tiff", _deep),
)


def make(folder: Path, classes: tuple[Class, ...] = CLASSES) -> dict[str, Path]:
    """One file of each class, by the name of the class."""
    paths = {}
    for number, kind in enumerate(classes):
        paths[kind.name] = folder / f"{number}{kind.suffix}"
        kind.write(photograph(kind.size), paths[kind.name])
    return paths


def photograph(size: tuple[int, int]) -> Image.Image:
    """The same picture each time: noise whose strength falls with its frequency, and shapes and lines on it."""
    chance = np.random.default_rng(size[0])
    light = _noise(chance, size, 1.15)
    colours = [128 + 45 * light + 25 * _noise(chance, size, 1.6) for _ in range(3)]
    image = Image.fromarray(np.dstack(colours).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, to_x, to_y = (int(chance.integers(0, side)) for side in size * 2)
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        draw.ellipse((x, y, x + size[1] // 12, y + size[1] // 20), fill=colour)
        draw.line((x, y, to_x, to_y), fill=colour, width=3)
    return image


def _noise(chance: np.random.Generator, size: tuple[int, int], slope: float) -> npt.NDArray[np.float64]:
    width, height = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1.0
    phases = chance.normal(size=frequency.shape) + 1j * chance.normal(size=frequency.shape)
    noise = np.fft.irfft2(phases / frequency**slope, s=(height, width))
    even: npt.NDArray[np.float64] = noise / noise.std()
    return even
