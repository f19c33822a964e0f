"""Image renditions by Pillow: decode no more than needed, upright, flattened, in RGB, Lanczos, JPEG."""

import errno
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PIL import Image, ImageFile, UnidentifiedImageError
from pillow_heif import register_heif_opener

from services.proxy.renditions import Measure
from shared.errors import BadMedia
from shared.media_faults import DISK_FULL, DiskFull

FORMATS = ("GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What is decoded, whatever a file is called; formats that run programs (EPS, PDF) are not among them."""

SIDE, THUMBNAIL_WIDTH, QUALITY = 896, 320, 85
"""Pixels of the image's shorter side and of the thumbnail's width; JPEG quality."""

BLANK = 0.99
"""Share of one brightness above which a damaged image has nothing to show: what is missing comes out in one grey."""

PROFILE_LIMIT = 1 << 20
"""Bytes of colour profile that are carried over; real ones are far smaller."""

ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts an image upright, by its EXIF orientation."""

UNREADABLE = "The image is damaged and cannot be read. Copy it again from the camera or card."
UNKNOWN = "This is no image that can be read here (JPEG, PNG, HEIC, TIFF, WebP, GIF), or its beginning is damaged."
INCOMPLETE = "The image is damaged or incomplete: part of it is missing. Copy it again from the camera or card."
TOO_MUCH_MEMORY = "The image needs more memory than it may take. Make it smaller, or raise SPILLWAY_PROXY_IMAGE_MEMORY_LIMIT."

Image.init()
register_heif_opener()


@dataclass(frozen=True)
class ImageJob:
    """What to make of an image: where it is, where the two renditions go, and how many pixels it may have."""

    source: Path
    image: Path
    thumbnail: Path
    pixels: int


@dataclass(frozen=True)
class ImageResult:
    """The sizes of what was made, and what is wrong with it, if anything."""

    image: Measure
    thumbnail: Measure
    reason: str | None


def render(job: ImageJob) -> ImageResult:
    """Make both renditions; raises BadMedia or DiskFull, and nothing else, whatever the bytes are."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of what Pillow can read all the same
            image, reason = _decoded(job)
        small = image.resize(_size(image, THUMBNAIL_WIDTH / image.width), Image.Resampling.LANCZOS)
        return ImageResult(_saved(image, job.image), _saved(small, job.thumbnail), reason)
    except (BadMedia, DiskFull):
        raise
    except UnidentifiedImageError as error:
        raise BadMedia(UNKNOWN) from error
    except MemoryError as error:
        raise BadMedia(TOO_MUCH_MEMORY) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(DISK_FULL) from error
        # Decoders raise whatever comes to their mind on damaged bytes.
        raise BadMedia(UNREADABLE) from error


def _decoded(job: ImageJob) -> tuple[Image.Image, str | None]:
    """The image in its final size; one that is cut off is taken as far as it goes."""
    try:
        return _fitted(job), None
    except (OSError, SyntaxError) as error:
        if isinstance(error, UnidentifiedImageError) or getattr(error, "errno", None):
            raise
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image = _fitted(job)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if max(image.convert("L").histogram()) > BLANK * image.width * image.height:
        raise BadMedia(UNREADABLE)
    return image, INCOMPLETE


def _fitted(job: ImageJob) -> Image.Image:
    with job.source.open("rb") as file, Image.open(file, formats=FORMATS) as image:
        _require_size(image, job.pixels)
        size = _size(image, SIDE / min(image.size))
        image.draft("RGB", size)
        profile = image.info.get("icc_profile") if image.mode in {"RGB", "RGBA"} else None
        upright = UPRIGHT.get(_orientation(image))
        fitted = flattened(image).resize(size, Image.Resampling.LANCZOS)
    result = fitted.transpose(upright) if upright is not None else fitted
    result.info = {"icc_profile": profile} if profile and len(profile) <= PROFILE_LIMIT else {}
    return result


def _require_size(image: Image.Image, pixels: int) -> None:
    if image.width * image.height > pixels:
        raise BadMedia(
            f"The image has {image.width} by {image.height} pixels, more than the {pixels / 1e6:.0f} million that are decoded. "
            "Make it smaller, or raise SPILLWAY_PROXY_IMAGE_PIXELS."
        )


def _size(image: Image.Image, scale: float) -> tuple[int, int]:
    """The image's size at a scale, never enlarged and never nothing."""
    scale = min(scale, 1.0)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _orientation(image: Image.Image) -> int:
    """EXIF orientation; 1 (upright) if there is none or the EXIF data cannot be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1  # damaged EXIF data says nothing about the pixels


def flattened(image: Image.Image) -> Image.Image:
    """The image as 8-bit RGB: transparency on white, 16-bit and float greys scaled."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        return ground.convert("RGB")
    return (_grey(image) if image.mode in {"I", "F"} or image.mode.startswith("I;16") else image).convert("RGB")


def _grey(image: Image.Image) -> Image.Image:
    """Deep grey as 8-bit grey: 16-bit by its range, 32-bit and float by the values that occur."""
    low, high = (0.0, 65535.0) if image.mode.startswith("I;16") else cast(tuple[float, float], image.getextrema())
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")


def _saved(image: Image.Image, path: Path) -> Measure:
    image.save(path, "JPEG", quality=QUALITY, icc_profile=image.info.get("icc_profile"))
    return Measure(image.width, image.height, None)
