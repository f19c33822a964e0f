from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.inspection.sniff import MPEG_TS
from services.ingest.metadata.avchd import MARK, recorded
from services.ingest.metadata.probe import describe_media
from tests.support.media import run_ffmpeg


def message(zone: int, count: int = 3) -> bytes:
    """Recorded at 10:11:12 on the first of May 2021."""
    other = bytes([0x70, 1, 2, 3, 4])
    return MARK + bytes([count]) + other + bytes([0x18, zone, 0x20, 0x21, 0x05]) + bytes([0x19, 0x01, 0x10, 0x11, 0x12])


@pytest.mark.parametrize(
    ("zone", "written", "hour"),
    [(0x04, "+02:00", 8), (0x30, "-08:00", 18), (0x0B, "+05:30", 4), (0x00, None, 10), (0xFF, None, 10)],
)
def test_time_and_zone_are_read(zone: int, written: str | None, hour: int) -> None:
    found = recorded([b"x264 - core 164", message(zone)])
    assert found is not None
    assert (found.zone, found.at.astimezone(UTC).hour, found.at.astimezone(UTC).day) == (written, hour, 1)


def test_what_is_cut_short_or_says_nothing_of_time_is_none() -> None:
    assert recorded([message(0x04, count=1), message(0x04)[:30], MARK, b"", MARK + b"\xff"]) is None


@given(st.lists(st.binary() | st.binary().map(lambda noise: MARK + noise)))
def test_no_bytes_can_crash_it(messages: list[bytes]) -> None:
    recorded(messages)


def test_a_camcorders_file_tells_when_it_was_recorded(tmp_path: Path) -> None:
    said = (message(0x04)[len(MARK) - 4 :]).decode("ascii")
    options = ("-bsf:v", f"h264_metadata=sei_user_data=17ee8c60f84d11d98cd60800200c9a66+{said}")
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:duration=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", *options,
               tmp_path / "00001.mts")  # fmt: skip
    with (tmp_path / "00001.mts").open("rb") as file:
        found = describe_media(file, MPEG_TS)
    assert found.captured_at == datetime(2021, 5, 1, 8, 11, 12, tzinfo=UTC)
    assert (found.metadata["captured_from"], found.metadata["captured_zone"]) == ("recorder", "+02:00")
