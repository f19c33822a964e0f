"""Photos, read by Pillow: size, EXIF, and whether the file is whole. Their pixels are decoded only where that is in doubt."""

import io
import struct
import warnings
from collections.abc import Mapping
from typing import IO, Any

from PIL import ExifTags, Image, UnidentifiedImageError
from pillow_heif import register_heif_opener
from pydantic import JsonValue

from services.ingest.exif import SIDEWAYS, Exif, read_exif
from services.ingest.metadata import without_empty
from services.ingest.outcome import Description, NotOurs, Refused
from services.ingest.sniff import JPEG, PNG, Format
from shared.contracts import Kind

register_heif_opener(thumbnails=False)

DAMAGED = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow's readers raise on content that is not as it should be."""
END_OF_IMAGE = b"\xff\xd9"
TAIL = 4096
"""Bytes at the end of a JPEG within which its end mark stands, unless an app has put something behind it."""
NEW_SUBFILE_TYPE, DNG_VERSION = 254, 50706

BROKEN_EXIF = "Part of the photo's EXIF is damaged and was left out."
RAW = "This is a camera's raw file, which Spillway does not develop; export it as JPEG or TIFF."
CUT_SHORT = "The photo is cut short: its end is missing. Copy it again from where it came."


def describe_photo(file: IO[bytes], format_: Format) -> Description:
    """Size as displayed, time, place, camera and EXIF; raises Refused."""
    notes: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a damaged EXIF, which is noted, and of sizes below the limit
        try:
            with Image.open(file, formats=[format_.code]) as image:
                _refuse_raw(image)
                exif = _exif(image, notes)
                description = _description(image, exif, notes)
                _ensure_whole(file, image, format_)
        except Image.DecompressionBombError:
            limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
            raise Refused(f"The photo has more than {limit} million pixels, too many to open safely; scale it down.") from None
        except DAMAGED as error:
            raise Refused(_damage(error, format_)) from error
    return description


def _description(image: Image.Image, exif: Exif, notes: list[str]) -> Description:
    width, height = image.size[::-1] if exif.orientation in SIDEWAYS else image.size
    latitude, longitude = exif.place or (None, None)
    metadata: dict[str, JsonValue] = {
        "mode": image.mode,
        "orientation": exif.orientation,
        "lens": exif.lens,
        "captured_zone": exif.captured.zone if exif.captured else None,
        "exif": exif.tags,
        "notes": [*notes],
    }
    return Description(
        kind=Kind.IMAGE,
        width=width,
        height=height,
        captured_at=exif.captured.at if exif.captured else None,
        latitude=latitude,
        longitude=longitude,
        camera=exif.camera,
        metadata=without_empty(metadata),
    )


def _exif(image: Image.Image, notes: list[str]) -> Exif:
    values: dict[str, Any] = {}
    gps: dict[str, Any] = {}
    try:
        exif = Image.Image.getexif(image)  # PNG's own would decode the whole picture
        values = _named(exif, ExifTags.TAGS, notes)
        values |= _named(exif.get_ifd(ExifTags.IFD.Exif), ExifTags.TAGS, notes)
        gps = _named(exif.get_ifd(ExifTags.IFD.GPSInfo), ExifTags.GPSTAGS, notes)
    except Exception:  # its readers fail in every way, EXIF is an ornament, and the note says so
        notes.append(BROKEN_EXIF)
    return read_exif(values, gps)


def _named(block: Mapping[int, Any], names: Mapping[int, str], notes: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag in block:
        try:
            value = block[tag]  # decoded only now
        except Exception:  # as above
            notes.append(BROKEN_EXIF)
        else:
            if tag in names:
                found[names[tag]] = value
    return found


def _refuse_raw(image: Image.Image) -> None:
    # Nikon's, Sony's and Adobe's raw files are TIFFs that begin with a small preview: that is not the photo.
    tags = getattr(image, "tag_v2", {})
    if DNG_VERSION in tags or tags.get(NEW_SUBFILE_TYPE, 0) & 1:
        raise NotOurs(RAW)


def _ensure_whole(file: IO[bytes], image: Image.Image, format_: Format) -> None:
    if format_ is PNG:
        image.verify()
    elif format_ is JPEG and not _ends_as_jpeg(file):
        image.draft("RGB", (1, 1))
        image.load()


def _ends_as_jpeg(file: IO[bytes]) -> bool:
    place = file.tell()
    file.seek(max(file.seek(0, io.SEEK_END) - TAIL, 0))
    tail = file.read(TAIL)
    file.seek(place)
    return END_OF_IMAGE in tail


def _damage(error: Exception, format_: Format) -> str:
    if "truncated" in str(error).casefold() or isinstance(error, EOFError):
        return CUT_SHORT
    return f"The photo looks like {format_.name} but cannot be read: it is damaged. Copy it again from where it came."
