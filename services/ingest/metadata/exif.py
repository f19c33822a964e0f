"""What a photo's EXIF says, each value taken on its own: one that makes no sense takes none of the others with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import JsonValue

from services.ingest.metadata import capture
from services.ingest.metadata.capture import Moment, Place
from services.ingest.metadata.values import number, plain, text, without_empty

BESIDE_THE_POINT = frozenset({
    "ExifOffset", "ExifInteroperabilityOffset", "GPSInfo", "JpegIFOffset", "JpegIFByteCount", "StripOffsets", "StripByteCounts",
    "TileOffsets", "TileByteCounts", "SubIFDs", "MakerNote", "XMLPacket", "JPEGTables",
})  # fmt: skip
"""Tags about the bytes of the file, not about the photo."""
SIDEWAYS = frozenset({5, 6, 7, 8})
"""Orientations in which width and height change places."""
BELOW_THE_SEA = (1, b"\x01")

CHARSETS = {b"ASCII\0\0\0": "ascii", b"JIS\0\0\0\0\0": "iso2022_jp", b"\0" * 8: "utf-8"}
"""What UserComment begins with; UNICODE is apart, since its byte order is not given."""


class Exif(NamedTuple):
    """What a photo says; `tags` are the plain ones, by their names in the standard.

    `satellites` is their time, in UTC, at the last fix; `altitude` in metres above the sea, `direction` of the lens in degrees
    from north.
    """

    captured: Moment | None
    satellites: datetime | None
    place: Place | None
    altitude: float | None
    direction: float | None
    camera: str | None
    lens: str | None
    orientation: int
    tags: dict[str, JsonValue]


def read_exif(values: Mapping[str, Any], gps: Mapping[str, Any]) -> Exif:
    """Make sense of raw tags by name, as the file has them: strings, bytes, numbers, fractions, lists of those."""
    tags = {name: _tag(name, value) for name, value in values.items() if name not in BESIDE_THE_POINT}
    return Exif(
        captured=_captured(values),
        satellites=_satellites(gps),
        place=_place(gps),
        altitude=capture.altitude(gps.get("GPSAltitude"), below=gps.get("GPSAltitudeRef") in BELOW_THE_SEA),
        direction=_direction(gps.get("GPSImgDirection")),
        camera=capture.camera(values.get("Make"), values.get("Model")),
        lens=text(values.get("LensModel")),
        orientation=_orientation(values.get("Orientation")),
        tags=without_empty(tags),
    )


def _captured(values: Mapping[str, Any]) -> Moment | None:
    for name, fraction, zone in (
        ("DateTimeOriginal", "SubsecTimeOriginal", "OffsetTimeOriginal"),
        ("DateTimeDigitized", "SubsecTimeDigitized", "OffsetTimeDigitized"),
        ("DateTime", "SubsecTime", "OffsetTime"),
    ):
        found = capture.moment(values.get(name), fraction=values.get(fraction), zone=values.get(zone))
        if found:
            return found
    return None


def _place(gps: Mapping[str, Any]) -> Place | None:
    if text(gps.get("GPSStatus")) == "V":  # the receiver had no fix, and wrote what it had last
        return None
    return capture.place(gps.get("GPSLatitude"), gps.get("GPSLatitudeRef"), gps.get("GPSLongitude"), gps.get("GPSLongitudeRef"))


def _satellites(gps: Mapping[str, Any]) -> datetime | None:
    day, clock = text(gps.get("GPSDateStamp")), gps.get("GPSTimeStamp")
    figures = [number(part) for part in clock] if isinstance(clock, tuple | list) else []
    if day is None or len(figures) != 3 or None in figures:
        return None
    hour, minute, second = (int(part or 0) for part in figures)
    found = capture.moment(f"{day} {hour:02}:{minute:02}:{second:02}Z")
    return found.at if found else None


def _direction(degrees: object) -> float | None:
    value = number(degrees)
    return round(value, 2) if value is not None and 0 <= value <= 360 else None


def _orientation(value: object) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _tag(name: str, value: Any) -> JsonValue:
    if name.startswith("XP") and isinstance(value, bytes):
        return text(value.decode("utf-16-le", "replace"))
    if name == "UserComment" and isinstance(value, bytes):
        return text(_comment(value))
    return text(_respelt(value)) if isinstance(value, str) else plain(value)


def _comment(value: bytes) -> str:
    charset, words = value[:8], value[8:]
    if charset == b"UNICODE\0":
        little = words[1::2].count(0) >= words[0::2].count(0)
        return words.decode("utf-16-le" if little else "utf-16-be", "replace")
    return words.decode(CHARSETS[charset], "replace") if charset in CHARSETS else ""


def _respelt(value: str) -> str:
    """Undo the reading of UTF-8 as Latin-1: the standard wants ASCII, phones and editors write UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
