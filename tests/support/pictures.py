"""Images through the image renderer, and a look at what came out."""

from pathlib import Path

import numpy as np
from PIL import Image

from services.proxy.images import ImageJob, ImageResult, render

Colour = tuple[int, int, int]


def rendered(source: Path, *, pixels: int = 10**8) -> ImageResult:
    """What the renderer says of a file; the renditions lie beside it."""
    return render(ImageJob(source, source.parent / "nova.jpg", source.parent / "thumbnail.jpg", pixels))


def picture(source: Path) -> Image.Image:
    """The image rendition, after a check that both are plain JPEGs of the sizes told and say nothing but their pixels."""
    result = rendered(source)
    for name, measure in (("nova.jpg", result.image), ("thumbnail.jpg", result.thumbnail)):
        with Image.open(source.parent / name) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (measure.width, measure.height))
            assert {"exif", "icc_profile", "xmp", "comment", "photoshop"}.isdisjoint(image.info)
    with Image.open(source.parent / "nova.jpg") as image:
        image.load()
        return image


def gradient(width: int, height: int) -> Image.Image:
    """Red grows to the right, green downwards."""
    red = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    green = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 64)]).astype(np.uint8))


def close(image: Image.Image, place: tuple[int, int], colour: Colour, within: int = 12) -> bool:
    """Whether a pixel has a colour, as far as JPEG keeps it."""
    pixel = image.getpixel(place)
    assert isinstance(pixel, tuple)
    return all(abs(is_ - should) <= within for is_, should in zip(pixel, colour, strict=True))
