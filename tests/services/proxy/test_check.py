"""What counts as made."""

from pathlib import Path

import pytest
from PIL import Image

from services.proxy.check import measure, shortfall
from tests.support.media import run_ffmpeg, tiny_video


def test_a_video_is_measured(tmp_path: Path) -> None:
    measured = measure(tiny_video(tmp_path / "clip.mp4", seconds=2.0))
    assert measured is not None
    assert (measured.width, measured.height) == (64, 48)
    assert measured.duration == pytest.approx(2.0, abs=0.1)


def test_sound_has_a_length_and_no_size(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "tone.flac")
    measured = measure(tmp_path / "tone.flac")
    assert measured is not None
    assert measured.width is None
    assert measured.duration == pytest.approx(1.0)


def test_a_picture_has_a_size(tmp_path: Path) -> None:
    Image.new("RGB", (7, 5)).save(tmp_path / "a.jpg")
    measured = measure(tmp_path / "a.jpg")
    assert measured is not None
    assert (measured.width, measured.height) == (7, 5)


def test_nothing_is_measured_where_nothing_decodes(tmp_path: Path) -> None:
    assert measure(tmp_path / "missing.mp4") is None
    (tmp_path / "empty.mp4").touch()
    assert measure(tmp_path / "empty.mp4") is None
    (tmp_path / "text.mp4").write_text("no video")
    assert measure(tmp_path / "text.mp4") is None
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-frames:a", "0", tmp_path / "silent.wav")
    assert measure(tmp_path / "silent.wav") is None


@pytest.mark.parametrize(
    ("expected", "actual", "short"),
    [
        (10.0, 10.0, False),
        (10.0, 9.1, False),
        (10.0, 8.9, True),
        (1000.0, 981.0, False),
        (1000.0, 979.0, True),
        (10.0, 99.0, False),
        (None, 1.0, False),
        (10.0, None, False),
    ],
)
def test_what_is_much_shorter_than_its_source_is_incomplete(expected: float | None, actual: float | None, short: bool) -> None:
    assert (shortfall(expected, actual) is not None) is short


def test_a_shortfall_says_how_much_is_missing() -> None:
    assert shortfall(60.0, 34.0) == (
        "The file is damaged or incomplete: 34 of its 60 s could be read. Copy it again from the camera or card."
    )
