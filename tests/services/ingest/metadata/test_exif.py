import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL.ExifTags import GPSTAGS, TAGS

from services.ingest.metadata.exif import read_exif

ANYTHING = (
    st.none() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())) | st.binary()
    | st.lists(st.floats() | st.integers() | st.text(), max_size=5).map(tuple) | st.dictionaries(st.integers(), st.text())
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(sorted(set(TAGS.values()))), ANYTHING),
    st.dictionaries(st.sampled_from(sorted(set(GPSTAGS.values()))), ANYTHING),
)
def test_no_value_can_crash_the_reader_and_all_that_it_keeps_is_json(values: dict[str, Any], gps: dict[str, Any]) -> None:
    found = read_exif(values, gps)
    json.dumps(found.tags, allow_nan=False, ensure_ascii=False).encode()
    assert 1 <= found.orientation <= 8


def test_one_broken_value_costs_no_other() -> None:
    found = read_exif(
        {
            "Make": "Canon", "Model": "Canon EOS 40D", "DateTimeOriginal": "not a time", "DateTime": "2008:07:31 10:38:11",
            "ExposureTime": float("nan"), "FNumber": 7.1, "Orientation": 6, "LensModel": "EF 50mm\0",
        },
        {"GPSLatitude": (10, 0, 0), "GPSLatitudeRef": "N", "GPSLongitude": (20, 30, 0), "GPSLongitudeRef": "E"},
    )  # fmt: skip
    assert found.camera == "Canon EOS 40D"
    assert found.captured is not None
    assert found.captured.at == datetime(2008, 7, 31, 10, 38, 11, tzinfo=UTC)
    assert found.place == (10.0, 20.5)
    assert found.lens == "EF 50mm"
    assert found.orientation == 6
    assert found.tags["FNumber"] == 7.1
    assert "ExposureTime" not in found.tags


def test_the_time_of_the_shutter_beats_that_of_the_file() -> None:
    found = read_exif({"DateTime": "2020:01:01 00:00:00", "DateTimeOriginal": "2019:01:01 00:00:00"}, {})
    assert found.captured is not None
    assert found.captured.at.year == 2019


def test_a_receiver_without_a_fix_gives_no_place() -> None:
    gps = {"GPSLatitude": (1, 0, 0), "GPSLatitudeRef": "N", "GPSLongitude": (1, 0, 0), "GPSLongitudeRef": "E", "GPSStatus": "V"}
    assert read_exif({}, gps).place is None


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("XPTitle", "Grüße\0".encode("utf-16-le"), "Grüße"),
        ("UserComment", b"ASCII\0\0\0nice pool\0", "nice pool"),
        ("UserComment", b"UNICODE\0" + "nice pool".encode("utf-16-be"), "nice pool"),
        ("UserComment", b"UNICODE\0" + "nice pool".encode("utf-16-le"), "nice pool"),
        ("UserComment", b"what is this", None),
        ("ImageDescription", "Gr\u00c3\u00bc\u00c3\u009fe", "Grüße"),
        ("ImageDescription", "Grüße", "Grüße"),
        ("MakerNote", b"\x00\x01", None),
        ("Orientation", 99, 99),
    ],
)
def test_texts_are_read_in_the_encodings_that_writers_use(name: str, value: Any, expected: object) -> None:
    assert read_exif({name: value}, {}).tags.get(name) == expected
