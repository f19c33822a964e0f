import json

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.colour import (
    DOLBY,
    DYNAMIC,
    LIGHT,
    LIGHT_LAYOUT,
    MASTERING,
    MASTERING_LAYOUT,
    colours,
    dynamic_range,
)

P3 = (34000, 50000, 16000, 50000, 13250, 50000, 34500, 50000, 7500, 50000, 3000, 50000)
WHITE = (15635, 50000, 16450, 50000)
BRIGHTNESS = (1, 10000, 10_000_000, 10000)
PQ, HLG, SDR = 16, 18, 1


def test_the_standards_numbers_have_ffmpegs_names() -> None:
    assert colours(9, 16, 9, 1) == {"primaries": "bt2020", "transfer": "smpte2084", "matrix": "bt2020nc", "range": "tv"}
    assert colours(2, 2, 2, 0) == {}
    assert colours(250, -1, 99, 7) == {}


def test_standard_range_is_not_mentioned() -> None:
    assert dynamic_range(SDR, {}, "avc1") == {}
    assert dynamic_range(SDR, {LIGHT: LIGHT_LAYOUT.pack(1000, 400)}, "hvc1") == {}


def test_hdr10_is_pq_with_static_values() -> None:
    beside = {MASTERING: MASTERING_LAYOUT.pack(*P3, *WHITE, *BRIGHTNESS, 1, 1), LIGHT: LIGHT_LAYOUT.pack(1000, 400)}
    assert dynamic_range(PQ, beside, "hvc1") == {
        "hdr": "pq",
        "hdr_format": "HDR10",
        "hdr_static": {
            "primaries": [0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
            "white": [0.3127, 0.329],
            "darkest": 0.0001,
            "brightest": 1000.0,
            "max_cll": 1000,
            "max_fall": 400,
        },
    }


def test_every_format_has_its_name() -> None:
    assert dynamic_range(PQ, {}, "hvc1") == {"hdr": "pq", "hdr_format": "PQ"}
    assert dynamic_range(HLG, {}, "hvc1") == {"hdr": "hlg", "hdr_format": "HLG"}
    assert dynamic_range(PQ, {DYNAMIC: b"x"}, "hvc1")["hdr_format"] == "HDR10+"
    assert dynamic_range(HLG, {DOLBY: b"x"}, "hvc1") == {"hdr": "hlg", "hdr_format": "Dolby Vision"}
    assert dynamic_range(2, {}, "dvh1") == {"hdr": "pq", "hdr_format": "Dolby Vision"}


def test_values_that_are_said_not_to_be_there_are_not_read() -> None:
    beside = {MASTERING: MASTERING_LAYOUT.pack(*P3, *WHITE, *BRIGHTNESS, 0, 0), LIGHT: LIGHT_LAYOUT.pack(0, 0)}
    assert dynamic_range(PQ, beside, "") == {"hdr": "pq", "hdr_format": "PQ"}


@given(st.sampled_from([PQ, HLG]), st.dictionaries(st.sampled_from([MASTERING, LIGHT]), st.binary(max_size=200)))
def test_no_bytes_can_crash_it(transfer: int, beside: dict[str, bytes]) -> None:
    json.dumps(dynamic_range(transfer, beside, ""), allow_nan=False)
