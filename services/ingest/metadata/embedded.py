"""What stands in a picture's file beside the picture, read by Pillow: EXIF tags, and the packets of XMP and IPTC."""

from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ExifTags, Image

from services.ingest.metadata.exif import Exif, read_exif
from services.ingest.metadata.iptc import PHOTOSHOP, iptc_of_resources
from services.ingest.metadata.markup import LARGEST
from services.ingest.metadata.xmp import Xmp, read_xmp

IPTC_TAG, RESOURCES_TAG = 33723, 34377
"""Where TIFF has them."""
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
GUID, OFFSET, DATA = 32, 36, 40
"""In a part of an extended packet: where the name of the packet ends, then its length, then the part's offset."""
BROKEN_EXIF = "Part of the photo's EXIF is damaged and was left out."
BROKEN_XMP = "Part of the photo's XMP is damaged and was left out."


def exif_of(image: Image.Image, notes: list[str]) -> Exif:
    """EXIF and GPS tags; what is damaged is left out, and said in `notes`."""
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


def xmp_of(image: Image.Image, notes: list[str]) -> Xmp | None:
    """The packet, with what a JPEG has put elsewhere for want of room; None if there is none."""
    content = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    packet = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if not isinstance(packet, bytes) or not packet.strip(b"\0 \r\n"):
        return None
    found = read_xmp(packet)
    if found.extended and (rest := b"".join(_extension(image, found.extended.encode("ascii", "replace")))):
        more = read_xmp(rest)
        found = found._replace(fields={**more.fields, **found.fields}, is_whole=found.is_whole and more.is_whole)
    if not found.is_whole:
        notes.append(BROKEN_XMP)
    return found


def iptc_of(image: Image.Image) -> bytes:
    """The IPTC block; empty if there is none."""
    if segments := [data for name, data in _segments(image) if name == "APP13" and data.startswith(PHOTOSHOP)]:
        return iptc_of_resources(segments)
    # As they stand in the file: some writers declare the block to be numbers, of which Pillow would keep the first.
    raw: dict[int, bytes] = getattr(getattr(image, "tag_v2", None), "_tagdata", {})
    return raw.get(IPTC_TAG) or iptc_of_resources([raw.get(RESOURCES_TAG, b"")])


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


def _segments(image: Image.Image) -> list[tuple[str, bytes]]:
    segments: list[tuple[str, bytes]] = getattr(image, "applist", [])
    return segments


def _extension(image: Image.Image, name: bytes) -> Iterator[bytes]:
    """The parts of the extended packet of this name, in order, up to what is read of a packet."""
    parts = [data.removeprefix(EXTENSION) for app, data in _segments(image) if app == "APP1" and data.startswith(EXTENSION)]
    ours = sorted((int.from_bytes(part[OFFSET:DATA], "big"), part[DATA:]) for part in parts if part[:GUID] == name)
    length = 0
    for offset, data in ours:
        if offset != length or length > LARGEST:
            return
        length += len(data)
        yield data
