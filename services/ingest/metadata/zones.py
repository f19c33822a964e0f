"""When something was captured, of several times that a file gives; and the zone, from the satellites where it gives none."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from pydantic import JsonValue

from services.ingest.metadata.capture import Moment
from services.ingest.metadata.values import without_empty

QUARTER = timedelta(minutes=15)
LAG = timedelta(minutes=2)
"""How old the satellites' time may be when the shutter opens, or how far off the camera's clock."""
EAST, WEST = 14 * 4, -12 * 4
"""The outermost offsets, in quarters of an hour."""
BROKEN = frozenset({-38, -14, -10, 14, 18, 22, 23, 26, 35, 38, 42, 51, 55})
"""Offsets in use that are not whole hours, in quarters of an hour."""
POLITICS = 3.1
"""Hours by which a zone differs from the sun at most: in China's west, and in Spain's in summer."""

WRONG_ZONE = "The camera's clock is {} off the satellites'; its time zone may be set wrong."


class Captured(NamedTuple):
    """The time of capture, what is kept of how it is known, and a sentence if it is doubtful."""

    at: datetime | None
    told: dict[str, JsonValue]
    doubt: str | None = None


def captured(
    moments: Mapping[str, Moment | None], satellites: datetime | None = None, longitude: float | None = None
) -> Captured:
    """The first of the moments, which are named for what gives them; else the time of the satellites, in UTC."""
    given = {source: moment for source, moment in moments.items() if moment}
    if not given:
        return Captured(satellites, {"captured_from": "GPS"} if satellites else {})
    source, first = next(iter(given.items()))
    moment = zoned(first, satellites, longitude)
    told: dict[str, JsonValue] = {
        "captured_from": source,
        "captured_zone": moment.zone,
        "captured_zone_from": "GPS" if moment is not first else None,
    }
    return Captured(moment.at, without_empty(told), doubt(moment, satellites))


def zoned(moment: Moment, satellites: datetime | None, longitude: float | None) -> Moment:
    """The moment with its zone, if it had none and the satellites' time gives one that makes sense at this longitude."""
    if moment.zone is not None or satellites is None or longitude is None:
        return moment
    offset = _offset(moment.at - satellites)
    if offset is None or _from_the_sun(offset, longitude) > POLITICS:
        return moment
    at = moment.at.replace(tzinfo=timezone(offset))
    return Moment(at, at.isoformat()[-6:])


def doubt(moment: Moment, satellites: datetime | None) -> str | None:
    """A sentence if the zone that the camera wrote is not the one at which the satellites' time was right."""
    if moment.zone is None or satellites is None:
        return None
    ahead = _offset(moment.at - satellites)
    return WRONG_ZONE.format(f"{abs(ahead) / timedelta(hours=1):g} h") if ahead else None


def _from_the_sun(offset: timedelta, longitude: float) -> float:
    """Hours between a zone and the sun, on a globe on which fourteen hours ahead is ten behind."""
    ahead = offset / timedelta(hours=1) - longitude / 15
    return abs((ahead + 12) % 24 - 12)


def _offset(ahead: timedelta) -> timedelta | None:
    """A difference as the offset of a zone that is in use; None for any other, which an old fix would make."""
    quarters = round(ahead / QUARTER)
    in_use = (quarters % 4 == 0 and WEST <= quarters <= EAST) or quarters in BROKEN
    return quarters * QUARTER if in_use and abs(ahead - quarters * QUARTER) <= LAG else None
