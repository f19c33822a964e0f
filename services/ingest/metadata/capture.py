"""When, where and with what something was captured, from the ways in which files write it."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from services.ingest.metadata.values import number, text

FIRST_YEAR, LAST_YEAR = 1826, 2100
"""The first photograph; and well past any camera whose clock is merely wrong."""
EPOCHS = frozenset({datetime(1904, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)})
"""What recorders that do not know the time write: the zero of QuickTime's clock and of Unix's."""

TIME = re.compile(
    r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,](?P<fraction>\d+))?\s*(?P<zone>\S*)",
    re.ASCII,
)
ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})", re.ASCII)
PLACE = re.compile(r"([+-]\d{1,7}(?:\.\d+)?)([+-]\d{1,7}(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?(?:[+-]|/|$|CRS)", re.ASCII)
PLACE_OF_XMP = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])", re.ASCII)
HIGHEST, DEEPEST = 100_000.0, -11_000.0
"""Metres: balloons fly lower, and no sea is deeper."""


class Moment(NamedTuple):
    """A time of capture. `zone` is the offset that the file gives; without one the local time is taken for UTC."""

    at: datetime
    zone: str | None


class Place(NamedTuple):
    """Decimal degrees, north and east positive."""

    latitude: float
    longitude: float


def moment(written: object, *, fraction: object = None, zone: object = None) -> Moment | None:
    """The time in EXIF's or ISO 8601's notation; None for times that cannot be, or that mean `not set`."""
    match = TIME.match(text(written) or "")
    if match is None:
        return None
    offset = _offset(match["zone"] or text(zone) or "")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3, 4, 5, 6))
    microsecond = _microsecond(match["fraction"] or text(fraction) or "")
    try:
        at = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=UTC if offset is None else timezone(offset))
    except ValueError:
        return None
    if at in EPOCHS or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Moment(at, None if offset is None else at.isoformat()[-6:])


def place(latitude: object, north_south: object, longitude: object, east_west: object) -> Place | None:
    """The place of EXIF's degrees, minutes, seconds and their `N`, `S`, `E`, `W`; None unless it is on the globe."""
    return _on_globe(_degrees(latitude, north_south, "S"), _degrees(longitude, east_west, "W"))


def place_of_iso6709(written: object) -> Place | None:
    """The place in the notation of phones' videos, as `+37.7749-122.4194+012.3/`."""
    match = PLACE.match(text(written) or "")
    return _on_globe(_figures(match[1], 2), _figures(match[2], 3)) if match else None


def altitude_of_iso6709(written: object) -> float | None:
    """The metres above the sea in the same notation."""
    match = PLACE.match(text(written) or "")
    return altitude(match[3]) if match else None


def place_of_xmp(latitude: object, longitude: object) -> Place | None:
    """The place in XMP's notation, as `37,46.494N` and `122,25,10W`."""
    north, east = (PLACE_OF_XMP.fullmatch(text(written) or "") for written in (latitude, longitude))
    if north is None or east is None:
        return None
    return place([north[1], north[2], north[3] or 0], north[4], [east[1], east[2], east[3] or 0], east[4])


def altitude(metres: object, *, below: bool = False) -> float | None:
    """Metres above the sea, to the millimetre; None for what is nowhere near the ground."""
    height = number(metres)
    if height is None or not DEEPEST <= (height := -height if below else height) <= HIGHEST:
        return None
    return round(height, 3)


def camera(make: object, model: object) -> str | None:
    """Maker and model, the maker once: most cameras write it into both."""
    brand, name = text(make), text(model)
    if not brand or not name:
        return name or brand
    return name if name.casefold().startswith(brand.split()[0].casefold()) else f"{brand} {name}"


def _offset(written: str) -> timedelta | None:
    if written == "Z":
        return timedelta()
    match = ZONE.fullmatch(written)
    if match is None or int(match["hours"]) > 14 or int(match["minutes"]) > 59:
        return None
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return -offset if match["sign"] == "-" else offset


def _microsecond(written: str) -> int:
    return int(written[:6].ljust(6, "0")) if written.isascii() and written.isdecimal() else 0


def _degrees(parts: Any, direction: object, negative: str) -> float | None:
    values = [number(part) for part in (parts if isinstance(parts, tuple | list) else (parts,))]
    if not 1 <= len(values) <= 3 or None in values:
        return None
    degrees = sum((value or 0.0) / 60.0**power for power, value in enumerate(values))
    return -degrees if (text(direction) or "").upper().startswith(negative) else degrees


def _figures(written: str, degrees: int) -> float | None:
    """Degrees from figures that may be followed by those of minutes and seconds; `degrees` counts their own figures."""
    sign, figures = (-1.0 if written[0] == "-" else 1.0), written[1:]
    whole = len(figures.partition(".")[0])
    if whole <= degrees:
        return sign * float(figures)
    if whole == degrees + 2:
        return sign * (int(figures[:degrees]) + float(figures[degrees:]) / 60)
    if whole == degrees + 4:
        return sign * (int(figures[:degrees]) + int(figures[degrees : degrees + 2]) / 60 + float(figures[degrees + 2 :]) / 3600)
    return None


def _on_globe(latitude: float | None, longitude: float | None) -> Place | None:
    # 0, 0 is what receivers without a fix write, and a spot in the Atlantic where nobody films.
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Place(round(latitude, 7), round(longitude, 7))
