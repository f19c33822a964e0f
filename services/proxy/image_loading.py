"""Images by libvips: a decoder that the first bytes name, told to fail on damage, its rows read as they are needed."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyvips

from services.proxy.image_size import Size, decoded_share, require_size

HEAD = 12
"""Bytes that telling the formats takes."""

JPEG, TIFF = "jpegload", "tiffload"
LOADERS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    (JPEG, lambda head: head.startswith(b"\xff\xd8\xff")),
    ("pngload", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("gifload", lambda head: head.startswith((b"GIF87a", b"GIF89a"))),
    ("webpload", lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
    (TIFF, lambda head: head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))),
)
"""The decoders that may be used, whatever a file is called. libvips never chooses one by itself."""

FAILING = {"access": "sequential", "fail_on": "error"}

logging.getLogger("pyvips").setLevel(logging.CRITICAL)  # a damaged image can warn once per row
pyvips.cache_set_max(0)  # no two images are the same

PHOTOMETRIC, LUMINANCE_AND_CHROMA = 262, 6
"""The tag that says what a TIFF's numbers mean, and one of the things it may say."""
ENTRIES = 200
"""So many tags of a TIFF are looked through; real ones have some thirty."""


@dataclass(frozen=True)
class Loaded:
    """Pixels to come, and the size of the original: what is decoded may be smaller."""

    image: pyvips.Image
    size: Size


def use_one_thread() -> None:
    """Decode and scale in one thread: as many images are worked on as there are workers."""
    pyvips.vips_lib.vips_concurrency_set(1)


def loader_of(path: Path) -> str | None:
    """The decoder for a file; None if it is none of libvips's."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return next((loader for loader, recognises in LOADERS if recognises(head)), None)


def is_misread(path: Path, loader: str) -> bool:
    """Whether libvips would take an image's luminance and chroma for red, green and blue."""
    if loader != TIFF:
        return False
    with path.open("rb") as file:
        order: Literal["little", "big"] = "little" if file.read(4)[:2] == b"II" else "big"
        file.seek(int.from_bytes(file.read(4), order))
        count = min(int.from_bytes(file.read(2), order), ENTRIES)
        for entry in (file.read(12) for _ in range(count)):
            if int.from_bytes(entry[:2], order) == PHOTOMETRIC:
                return int.from_bytes(entry[8:10], order) == LUMINANCE_AND_CHROMA
    return False


def load(path: Path, loader: str, pixels: int) -> Loaded:
    """The image, not decoded yet; raises BadMedia if it has too many pixels. Damage shows later, as pyvips.Error."""
    name = os.fsencode(path)  # not every name is text
    image = getattr(pyvips.Image, loader)(name, **FAILING)
    size = image.width, image.height
    require_size(size, pixels)
    if loader == JPEG and (share := decoded_share(size)) > 1:
        image = pyvips.Image.jpegload(name, shrink=share, **FAILING)
    return Loaded(image, size)
