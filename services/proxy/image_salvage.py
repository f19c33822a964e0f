"""Images by Pillow: HEIC, the few kinds that libvips does not read, and damaged ones, as far as they go."""

from pathlib import Path

import pyvips
from PIL import Image, ImageFile, UnidentifiedImageError
from pillow_heif import register_heif_opener

from services.proxy.image_colour import ICC, PROFILE_LIMIT
from services.proxy.image_loading import Loaded
from services.proxy.image_size import decoded_share, require_size

FORMATS = ("GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What is decoded, whatever a file is called; formats that run programs (EPS, PDF) are not among them."""

ORIENTATION = 0x0112
TAKEN = {
    "L": (1, "uchar", "b-w"),
    "RGB": (3, "uchar", "srgb"),
    "RGBA": (4, "uchar", "srgb"),
    "CMYK": (4, "uchar", "cmyk"),
    "I": (1, "int", "b-w"),
    "F": (1, "float", "b-w"),
}
"""Pillow's modes that libvips takes as they are: bands, format, interpretation."""

Image.init()
register_heif_opener(thumbnails=False)


def salvage(path: Path, pixels: int) -> tuple[Loaded, bool]:
    """The decoded image, and whether part of it is missing; raises BadMedia, or whatever comes to Pillow's mind."""
    try:
        return _load(path, pixels), False
    except (OSError, SyntaxError) as error:
        if isinstance(error, UnidentifiedImageError) or getattr(error, "errno", None):
            raise
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        return _load(path, pixels), True
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _load(path: Path, pixels: int) -> Loaded:
    with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        size = image.size
        require_size(size, pixels)
        if image.format == "JPEG":
            share = decoded_share(size)
            image.draft(image.mode, (size[0] // share, size[1] // share))
        profile = image.info.get("icc_profile")
        image.load()
        if image.format == "TIFF":
            size = image.size  # Pillow has turned it upright
        decoded = _as_vips(image)
        decoded.set_type(pyvips.GValue.gint_type, "orientation", _orientation(image))
    if profile and len(profile) <= PROFILE_LIMIT:
        decoded.set_type(pyvips.GValue.blob_type, ICC, profile)
    return Loaded(decoded, size)


def _as_vips(image: Image.Image) -> pyvips.Image:
    plain = _plain(image)
    bands, format_, interpretation = TAKEN[plain.mode]
    pixels = pyvips.Image.new_from_memory(plain.tobytes(), plain.width, plain.height, bands, format_)
    return pixels.copy(interpretation=interpretation)


def _plain(image: Image.Image) -> Image.Image:
    """The image in one of the modes that libvips takes."""
    if image.mode in TAKEN:
        return image
    if image.mode.startswith("I;16"):
        return image.convert("F").point(lambda value: value * (255 / 65535) + 0.0).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _orientation(image: Image.Image) -> int:
    """EXIF orientation; 1 (upright) if there is none or the EXIF data cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1  # damaged EXIF data says nothing about the pixels
