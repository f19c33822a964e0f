from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.capture import FIRST_YEAR, LAST_YEAR, Moment, camera, moment, place, place_of_iso6709

EAST = timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2008:10:22 16:28:39", Moment(datetime(2008, 10, 22, 16, 28, 39, tzinfo=UTC), None)),
        ("2019-07-05T01:02:03.250000Z", Moment(datetime(2019, 7, 5, 1, 2, 3, 250000, tzinfo=UTC), "+00:00")),
        ("2019-07-05T01:02:03+0530", Moment(datetime(2019, 7, 5, 1, 2, 3, tzinfo=EAST), "+05:30")),
        ("2019-07-05 01:02", Moment(datetime(2019, 7, 5, 1, 2, tzinfo=UTC), None)),
    ],
)
def test_times_are_read_in_the_ways_that_files_write_them(written: str, expected: Moment) -> None:
    assert moment(written) == expected


def test_fraction_and_zone_may_stand_in_tags_of_their_own() -> None:
    found = moment("2020:01:02 03:04:05", fraction="5 ", zone="-03:00")
    assert found == Moment(datetime(2020, 1, 2, 3, 4, 5, 500000, tzinfo=timezone(-timedelta(hours=3))), "-03:00")


@pytest.mark.parametrize(
    "written",
    [
        "0000:00:00 00:00:00", "    :  :     :  :  ", "2020:13:01 00:00:00", "2020:02:30 00:00:00", "2020:01:01 25:00:00",
        "1904-01-01T00:00:00.000000Z", "1970:01:01 00:00:00", "9999:12:31 23:59:59", "0001:01:01 00:00:00",
        "", None, 7, b"\xff",
    ],
)  # fmt: skip
def test_times_that_cannot_be_or_mean_not_set_are_none(written: object) -> None:
    assert moment(written) is None


@pytest.mark.parametrize("zone", ["+99:00", "+02:75", "local", "", None, b"\0"])
def test_an_impossible_zone_leaves_the_time(zone: object) -> None:
    assert moment("2020:01:02 03:04:05", zone=zone) == Moment(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), None)


@given(st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d([+-]\d\d:\d\d)?", fullmatch=True), st.text(), st.text())
def test_any_digits_give_a_time_that_postgres_takes_or_none(written: str, fraction: str, zone: str) -> None:
    found = moment(written, fraction=fraction, zone=zone)
    if found:
        assert FIRST_YEAR <= found.at.year <= LAST_YEAR
        assert found.at.astimezone(UTC)


def test_degrees_minutes_and_seconds_become_decimal_degrees() -> None:
    found = place((43, 28, 2.814), "N", (11, 53, 6.45599), "E")
    assert found is not None
    assert found.latitude == pytest.approx(43.467448, abs=1e-6)
    assert found.longitude == pytest.approx(11.885127, abs=1e-6)


def test_south_and_west_are_negative() -> None:
    assert place((33, 30), "S", (70, 45, 0), "w") == (-33.5, -70.75)


NAN = float("nan")


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [((NAN, 0, 0), (1, 0, 0)), ((91, 0, 0), (1, 0, 0)), ((1, 0, 0), (181, 0, 0)), ((0, 0, 0), (0, 0, 0)), (None, (1, 0, 0)),
     ((), (1, 0, 0)), ((1, 2, 3, 4), (1, 0, 0)), ("x", "y"), ((1, None, 0), (1, 0, 0))],
)  # fmt: skip
def test_what_is_not_on_the_globe_is_no_place(latitude: Any, longitude: Any) -> None:
    assert place(latitude, "N", longitude, "E") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+37.7749-122.4194+012.3/", (37.7749, -122.4194)),
        ("-33.4500-070.6667/", (-33.45, -70.6667)),
        ("+48.8577+002.295", (48.8577, 2.295)),
        ("+95.0000+002.2950/", None),
        ("Paris", None),
        (None, None),
    ],
)
def test_places_of_phone_videos(written: object, expected: tuple[float, float] | None) -> None:
    assert place_of_iso6709(written) == expected


@pytest.mark.parametrize(
    ("make", "model", "expected"),
    [
        ("Canon", "Canon EOS 40D", "Canon EOS 40D"),
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        (None, "iPhone 12", "iPhone 12"),
        ("DJI\0\0", None, "DJI"),
        ("  ", b"", None),
    ],
)
def test_a_camera_is_named_once(make: object, model: object, expected: str | None) -> None:
    assert camera(make, model) == expected
