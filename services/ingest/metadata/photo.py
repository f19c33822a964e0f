"""Photos, read by Pillow: size, EXIF, and whether the file is whole. Their pixels are decoded only where that is in doubt."""

import io
import struct
import warnings
from typing import IO

from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener
from pydantic import JsonValue

from services.ingest.inspection.sniff import JPEG, PNG, Format
from services.ingest.metadata.annotations import merged
from services.ingest.metadata.embedded import exif_of, iptc_of, xmp_of
from services.ingest.metadata.exif import SIDEWAYS
from services.ingest.metadata.iptc import read_iptc
from services.ingest.metadata.values import count, without_empty
from services.ingest.metadata.xmp import read_xmp
from services.ingest.metadata.zones import captured
from services.ingest.outcome import Description, NotOurs, Refused
from shared.contracts import Kind

register_heif_opener(thumbnails=False)

DAMAGED = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow's readers raise on content that is not as it should be."""
END_OF_IMAGE = b"\xff\xd9"
TAIL = 4096
"""Bytes at the end of a JPEG within which its end mark stands, unless an app has put something behind it."""
NEW_SUBFILE_TYPE, DNG_VERSION = 254, 50706

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
                description = _description(image, notes)
                _ensure_whole(file, image, format_)
        except Image.DecompressionBombError:
            limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
            raise Refused(f"The photo has more than {limit} million pixels, too many to open safely; scale it down.") from None
        except DAMAGED as error:
            raise Refused(_damage(error, format_)) from error
    return description


def _description(image: Image.Image, notes: list[str]) -> Description:
    exif, xmp = exif_of(image, notes), xmp_of(image, notes) or read_xmp(b"")
    iptc, dated = read_iptc(iptc_of(image))
    width, height = image.size[::-1] if exif.orientation in SIDEWAYS else image.size
    latitude, longitude = exif.place or xmp.place or (None, None)
    times = captured({"EXIF": exif.captured, "XMP": xmp.captured, "IPTC": dated}, exif.satellites, longitude)
    metadata: dict[str, JsonValue] = {
        "mode": image.mode,
        "bit_depth": count(image.info.get("bit_depth")),
        "orientation": exif.orientation,
        "lens": exif.lens or xmp.lens,
        **times.told,
        "gps": without_empty({"altitude": exif.altitude or xmp.altitude, "direction": exif.direction}),
        "exif": exif.tags,
        "xmp": xmp.fields,
        "iptc": iptc,
        "notes": [*dict.fromkeys((*notes, *filter(None, [times.doubt])))],
    }
    return Description(
        kind=Kind.IMAGE,
        width=width,
        height=height,
        captured_at=times.at,
        latitude=latitude,
        longitude=longitude,
        camera=exif.camera or xmp.camera,
        metadata=without_empty({**metadata, **merged(metadata)}),
    )


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
