"""Image renditions: decoded no further than needed, upright, in sRGB on white, by Lanczos, as JPEGs without metadata."""

import errno
import warnings
from pathlib import Path

import pyvips
from PIL import UnidentifiedImageError

from services.proxy.image_colour import into_srgb, readied
from services.proxy.image_loading import JPEG, Loaded, is_misread, load, loader_of
from services.proxy.image_salvage import salvage
from services.proxy.image_size import Size, fitted, thumbnail
from services.proxy.images import ImageJob, ImageResult
from services.proxy.renditions import Measure
from shared.errors import BadMedia
from shared.media_faults import DISK_FULL, DiskFull

QUALITY = 85
ORIENTATION = "orientation"

BLANK = 0.99
"""Share of one brightness above which a damaged image has nothing to show: what is missing comes out in one grey."""

UNREADABLE = "The image is damaged and cannot be read. Copy it again from the camera or card."
UNKNOWN = "This is no image that can be read here (JPEG, PNG, HEIC, TIFF, WebP, GIF), or its beginning is damaged."
INCOMPLETE = "The image is damaged or incomplete: part of it is missing. Copy it again from the camera or card."
OUT_OF_PLACE = "The image is damaged: parts of it are missing or out of place. Copy it again from the camera or card."
TOO_MUCH_MEMORY = "The image needs more memory than it may take. Make it smaller, or raise SPILLWAY_PROXY_IMAGE_MEMORY_LIMIT."


def render(job: ImageJob) -> ImageResult:
    """As `images.render`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of what Pillow can read all the same
            image, reason = _picture(job)
        small = _scaled(image, thumbnail((image.width, image.height))).copy_memory()
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


def _picture(job: ImageJob) -> tuple[pyvips.Image, str | None]:
    """The image rendition's pixels, and what is wrong with them."""
    loader = loader_of(job.source)
    if loader and not is_misread(job.source, loader):
        try:
            return finished(load(job.source, loader, job.pixels)), None
        except pyvips.Error:
            pass  # Pillow reads more kinds, and damaged ones in part
    loaded, is_cut_off = salvage(job.source, job.pixels)
    image = finished(loaded)
    if is_cut_off and _is_blank(image):
        raise BadMedia(UNREADABLE)
    if is_cut_off:
        return image, INCOMPLETE
    # libvips reads every whole JPEG, and gives up on one only for a hundred faults in its data.
    return image, OUT_OF_PLACE if loader == JPEG else None


def finished(loaded: Loaded) -> pyvips.Image:
    """The pixels in their final size, colours and orientation, in memory."""
    image = into_srgb(_scaled(readied(loaded.image), fitted(loaded.size))).copy_memory()
    upright = image.get_typeof(ORIENTATION) == 0 or image.get(ORIENTATION) == 1
    return image if upright else image.autorot().copy_memory()


def _scaled(image: pyvips.Image, size: Size) -> pyvips.Image:
    if size == (image.width, image.height):
        return image
    # Without the gap, which shrinks by averaging first, it is both faster and closer to Lanczos of the whole.
    return image.resize(size[0] / image.width, vscale=size[1] / image.height, gap=0)


def _is_blank(image: pyvips.Image) -> bool:
    return bool(image.colourspace("b-w").hist_find().max() > BLANK * image.width * image.height)


def _saved(image: pyvips.Image, path: Path) -> Measure:
    path.write_bytes(image.jpegsave_buffer(Q=QUALITY, keep="none"))
    return Measure(image.width, image.height, None)
