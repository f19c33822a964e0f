"""What counts as made."""

from pathlib import Path

import pytest
from PIL import Image

from services.proxy.check import Lengths, Spoilt, disagreement, examine, measure, require_whole, shortfall
from shared.errors import BadMedia
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


def test_a_guessed_length_is_no_proof_of_damage() -> None:
    assert shortfall(9003.0, 6.0, guessed=True) == "The file's own clock is wrong: it is 6 s long, not 9003 s."
    assert shortfall(6.0, 6.0, guessed=True) is None


def test_picture_and_sound_are_measured_apart(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "color=size=64x48:rate=10:duration=3", "-f", "lavfi", "-i", "sine=duration=1",
               "-c:v", "libx264", "-c:a", "aac", tmp_path / "clip.mp4")  # fmt: skip
    examined = examine(tmp_path / "clip.mp4")
    assert examined is not None
    assert examined.lengths.picture == pytest.approx(3.0, abs=0.05)
    assert examined.lengths.sound == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("picture", "sound", "told"),
    [
        (60.0, 59.5, None),
        (60.0, None, None),
        (None, 60.0, None),
        (60.0, 34.0, "The sound ends after 34 of 60 s"),
        (34.0, 60.0, "The picture ends after 34 of 60 s"),
        (1000.0, 981.0, None),
    ],
)
def test_what_does_not_end_together_is_told(picture: float | None, sound: float | None, told: str | None) -> None:
    found = disagreement(Lengths(picture, sound))
    assert (found or "").partition(".")[0] == (told or "")


def test_a_rendition_must_hold_all_that_was_decoded(tmp_path: Path) -> None:
    clip = tiny_video(tmp_path / "clip.mp4", seconds=2.0)
    assert require_whole(clip, 2.0, "Nothing.").measure.width == 64
    with pytest.raises(Spoilt, match="with 2 of 4 s"):
        require_whole(clip, 4.0, "Nothing.")
    with pytest.raises(BadMedia, match="Nothing"):
        require_whole(tmp_path / "missing.mp4", 2.0, "Nothing.")
