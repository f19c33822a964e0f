"""Sound is read piece by piece, sample for sample, and damage is told."""

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.audio import decode_audio

from services.transcribe.audio import RATE, Sound
from shared.errors import BadMedia
from tests.support.media import run_ffmpeg
from tests.support.speech import TWO_SENTENCES


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("audio") / "long.flac"
    run_ffmpeg("-stream_loop", "9", "-i", TWO_SENTENCES, path)
    return path


def read_through(path: Path, *, step: int = RATE) -> int:
    with Sound(path) as sound:
        samples = 0
        while len(piece := sound.read(step)):
            samples += len(piece)
        return samples


@pytest.mark.parametrize("step", [1000, 12345, RATE * 60])
def test_pieces_are_the_whole_sample_for_sample(long: Path, step: int) -> None:
    whole = decode_audio(str(long))
    with Sound(long) as sound:
        assert sound.duration == pytest.approx(len(whole) / RATE)
        pieces = []
        while len(piece := sound.read(step)):
            assert len(piece) <= step
            pieces.append(piece)
    assert np.array_equal(np.concatenate(pieces), whole)
    assert all(len(piece) == step for piece in pieces[:-1])


@pytest.mark.parametrize("samples", [0, 1, 54321, 60 * RATE])
def test_one_lands_on_the_very_sample(long: Path, samples: int) -> None:
    whole = decode_audio(str(long))
    with Sound(long) as sound:
        sound.skip(samples)
        assert np.array_equal(sound.read(RATE), whole[samples : samples + RATE])


def test_other_rates_and_channels_become_16_khz_mono(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=48000", "-ac", "2", tmp_path / "stereo.wav")
    assert read_through(tmp_path / "stereo.wav") == pytest.approx(2 * RATE, abs=RATE // 100)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[: whole.rindex(b"\xff\xf8", 0, len(whole) // 2)],
        lambda whole: whole[:200_000] + bytes(100_000) + whole[300_000:],
        lambda whole: whole[:300_000] + bytes(byte ^ 0x55 for byte in whole[300_000:300_200]) + whole[300_200:],
        lambda whole: whole[:436_518] + bytes([whole[436_518] ^ 1]) + whole[436_519:],
    ],
    ids=["cut off", "cut off between frames", "zeros", "a few bytes", "a bit"],
)
def test_damage_in_the_middle_says_where_and_what_to_do(long: Path, tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    (tmp_path / "damaged.flac").write_bytes(damage(long.read_bytes()))
    with pytest.raises(BadMedia, match=r"taken out of the file is damaged after 0:00:\d\d. Have its proxy made again."):
        read_through(tmp_path / "damaged.flac")


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"fLaC" + bytes(5000), TWO_SENTENCES.read_bytes()[:3000]])
def test_what_is_no_sound_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "speech.flac").write_bytes(content)
    with pytest.raises(BadMedia, match=r"is damaged\. Have its proxy made again\."):
        read_through(tmp_path / "speech.flac")


def test_a_file_without_a_sound_track_is_damaged(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=duration=0.2:size=32x32", "-c:v", "libx264", tmp_path / "silent.mp4")
    with pytest.raises(BadMedia):
        Sound(tmp_path / "silent.mp4")
