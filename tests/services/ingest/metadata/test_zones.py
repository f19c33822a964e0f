from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.ingest.metadata.capture import Moment
from services.ingest.metadata.zones import captured

NOON = datetime(2021, 5, 1, 12, tzinfo=UTC)
LOCAL = Moment(NOON, None)
CALIFORNIA, ITALY, CHINA, KIRIBATI = -122.4, 12.5, 76.0, -157.4


@pytest.mark.parametrize(
    ("hours", "longitude", "zone"),
    [(-7, CALIFORNIA, "-07:00"), (2, ITALY, "+02:00"), (5.5, 77.2, "+05:30"), (8, CHINA, "+08:00"), (14, KIRIBATI, "+14:00"),
     (0, 0.0, "+00:00"), (5.75, 85.3, "+05:45")],
)  # fmt: skip
def test_a_camera_without_a_zone_has_that_of_the_satellites_clock(hours: float, longitude: float, zone: str) -> None:
    satellites = NOON - timedelta(hours=hours) - timedelta(seconds=40)
    found = captured({"EXIF": LOCAL}, satellites, longitude)
    assert found.at == NOON - timedelta(hours=hours)
    assert found.told == {"captured_from": "EXIF", "captured_zone": zone, "captured_zone_from": "GPS"}
    assert found.doubt is None


@pytest.mark.parametrize(
    ("ahead", "longitude"),
    [
        (timedelta(hours=2, minutes=10), ITALY),  # an old fix
        (timedelta(hours=4, minutes=45), 71.0),  # no zone of this offset
        (timedelta(hours=8), ITALY),  # far from the sun
        (timedelta(days=3), ITALY),
        (timedelta(hours=2), None),
    ],
)
def test_what_makes_no_sense_gives_no_zone(ahead: timedelta, longitude: float | None) -> None:
    found = captured({"EXIF": LOCAL}, NOON - ahead, longitude)
    assert found.at == NOON
    assert found.told == {"captured_from": "EXIF"}


def test_a_zone_that_the_camera_gives_stays_and_is_doubted_if_the_satellites_say_otherwise() -> None:
    zoned = Moment(datetime(2021, 5, 1, 12, tzinfo=timezone(timedelta(hours=1))), "+01:00")
    assert captured({"EXIF": zoned}, NOON - timedelta(hours=1), ITALY).doubt is None
    found = captured({"EXIF": zoned}, NOON - timedelta(hours=2), ITALY)
    assert found.at == NOON - timedelta(hours=1)
    assert found.told["captured_zone"] == "+01:00"
    assert found.doubt == "The camera's clock is 1 h off the satellites'; its time zone may be set wrong."


def test_the_first_source_that_has_a_time_counts_and_the_satellites_come_last() -> None:
    assert captured({"EXIF": None, "XMP": LOCAL}).told == {"captured_from": "XMP"}
    assert captured({"EXIF": None}, NOON).at == NOON
    assert captured({"EXIF": None}, NOON).told == {"captured_from": "GPS"}
    assert captured({}) == (None, {}, None)
