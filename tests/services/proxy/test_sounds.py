"""Sound of every kind, made by ffmpeg and taken through it."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.contracts import Kind
from tests.support.converting import PICTURES, SOUND, brightness, encode, made, names, rendered, sound, speech
from tests.support.media import run_ffmpeg

RED = "color=red:size=128x72:rate=10:duration={}"


def loudness(samples: NDArray[np.int16], start: float, end: float, rate: int = 16000) -> float:
    """Root mean square between two times, 1 being full scale."""
    part = samples[round(start * rate) : round(end * rate)].astype(float) / 32768
    return float(np.sqrt((part**2).mean()))


def pitch(samples: NDArray[np.int16], start: float, end: float, rate: int = 16000) -> float:
    """The strongest frequency between two times, in Hz."""
    part = samples[round(start * rate) : round(end * rate)].astype(float)
    return float(np.abs(np.fft.rfft(part)).argmax() * rate / len(part))


def float_wav(samples: NDArray[np.float64]) -> bytes:
    """One channel of 48 kHz as a WAV file of 32-bit floating-point numbers."""
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 48000, 4 * 48000, 4, 32)
    return b"".join([b"RIFF", struct.pack("<I", len(data) + 36), b"WAVEfmt ", struct.pack("<I", len(form)), form,
                     b"data", struct.pack("<I", len(data)), data])  # fmt: skip


async def test_sound_that_starts_late_stays_in_time(tmp_path: Path) -> None:
    late = ["-itsoffset", "0.5", "-f", "lavfi", "-i", "sine=duration=0.5", "-c:v", "libx264", "-preset", "ultrafast"]
    run_ffmpeg("-f", "lavfi", "-i", RED.format(1), *late, tmp_path / "late.mkv")
    result = await rendered(tmp_path / "late.mkv")
    samples = speech(result)
    assert len(samples) / 16000 == pytest.approx(1.0, abs=0.1)
    assert loudness(samples, 0.0, 0.45) < 0.001
    assert loudness(samples, 0.55, 0.95) > 0.05
    assert result.reason is None


async def test_pictures_that_start_late_stay_in_time(tmp_path: Path) -> None:
    """White comes with the beep, a second after both begin to run: whether the picture was late does not matter."""
    white = "color=black:size=128x72:rate=10:duration=2,drawbox=c=white:t=fill:enable='gte(t,1)'"
    encode(tmp_path / "film.mkv", white, "-pix_fmt", "yuv420p", tone="sine=duration=2,volume='gte(t,1)':eval=frame")
    film = tmp_path / "film.mkv"
    run_ffmpeg("-itsoffset", "0.6", "-i", film, "-i", film, "-map", "0:v", "-map", "1:a", "-c", "copy", tmp_path / "late.mkv")
    result = await rendered(tmp_path / "late.mkv")
    shown = brightness(made(result, "proxy").path)
    assert next(number for number, luma in enumerate(shown) if luma > 128) / 15 == pytest.approx(1.6, abs=0.08)
    assert loudness(speech(result), 0.0, 0.9) < 0.001
    assert loudness(speech(result), 1.1, 1.9) > 0.05


async def test_the_speaker_in_the_middle_of_surround_sound_is_heard(tmp_path: Path) -> None:
    centre = "aevalsrc=0|0|0.3*sin(880*PI*t)|0|0|0:channel_layout=5.1:duration=1"
    result = await rendered(encode(tmp_path / "clip.mkv", RED.format(1), "-pix_fmt", "yuv420p", "-c:a", "ac3", tone=centre))
    assert pitch(speech(result), 0.2, 0.8) == pytest.approx(440, abs=3)
    assert loudness(speech(result), 0.2, 0.8) > 0.04
    assert loudness(sound(made(result, "proxy").path), 0.2, 0.8, 48000) > 0.04


@pytest.mark.parametrize("channels", [9, 11, 18])
async def test_channels_that_nobody_says_the_place_of_are_heard(tmp_path: Path, channels: int) -> None:
    tone = "|".join(["0"] * (channels - 1) + ["0.5*sin(880*PI*t)"])
    run_ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tone}:duration=1", "-c:a", "pcm_s16le", tmp_path / "field.mov")
    result = await rendered(tmp_path / "field.mov", Kind.AUDIO)
    assert pitch(speech(result), 0.2, 0.8) == pytest.approx(440, abs=3)


async def tracks(tmp_path: Path, *tones: str, default: int) -> Path:
    inputs = [word for tone in tones for word in ("-f", "lavfi", "-i", tone)]
    maps = [word for number in range(len(tones)) for word in ("-map", str(number + 1))]
    marked = [
        word for number in range(len(tones)) for word in (f"-disposition:a:{number}", "default" if number == default else "0")
    ]
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    run_ffmpeg("-f", "lavfi", "-i", RED.format(2), *inputs, "-map", "0", *maps, *options, *marked, tmp_path / "tracks.mkv")
    return tmp_path / "tracks.mkv"


SILENCE, LOW, HIGH = "anullsrc=duration=2", "sine=frequency=300:duration=2", "sine=frequency=900:duration=2"


@pytest.mark.parametrize(
    ("tones", "default", "heard"),
    [
        ((LOW, HIGH), 1, 900),
        ((LOW, HIGH), 0, 300),
        ((SILENCE, HIGH), 0, 900),
        ((SILENCE, LOW, HIGH), 1, 300),
    ],
)
async def test_of_several_tracks_the_one_with_sound_is_taken(
    tmp_path: Path, tones: tuple[str, ...], default: int, heard: int
) -> None:
    result = await rendered(await tracks(tmp_path, *tones, default=default), duration=2.0)
    assert pitch(speech(result), 0.5, 1.5) == pytest.approx(heard, abs=3)
    assert pitch(sound(made(result, "proxy").path), 0.5, 1.5, 48000) == pytest.approx(heard, abs=3)


async def test_a_track_that_does_not_decode_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "tracks.mkv"
    options = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a:0", "ac3", "-c:a:1", "flac"]
    run_ffmpeg("-f", "lavfi", "-i", RED.format(1), "-f", "lavfi", "-i", LOW, "-f", "lavfi", "-i", HIGH,
               "-map", "0", "-map", "1", "-map", "2", "-t", "1", *options, path)  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"A_AC3", b"A_DTS"))
    result = await rendered(path, duration=1.0)
    assert pitch(speech(result), 0.2, 0.8) == pytest.approx(900, abs=3)


async def test_channels_that_change_midway_shift_nothing(tmp_path: Path) -> None:
    """Broadcasts go from stereo to surround sound: 300 Hz for two seconds, then 900 Hz for two."""
    for number, (tone, channels) in enumerate([(LOW, 2), (HIGH, 6)]):
        options = ("-pix_fmt", "yuv420p", "-g", "10", "-c:a", "ac3", "-ac", str(channels), "-output_ts_offset", str(number * 2))
        encode(tmp_path / f"{number}.ts", RED.format(2), *options, tone=tone)
    (tmp_path / "both.ts").write_bytes((tmp_path / "0.ts").read_bytes() + (tmp_path / "1.ts").read_bytes())
    result = await rendered(tmp_path / "both.ts")
    for samples, rate in ((speech(result), 16000), (sound(made(result, "proxy").path), 48000)):
        assert len(samples) / rate == pytest.approx(4.0, abs=0.15)
        assert pitch(samples, 0.5, 1.5, rate) == pytest.approx(300, abs=3)
        assert pitch(samples, 2.5, 3.5, rate) == pytest.approx(900, abs=3)
        assert min(loudness(samples, start, start + 0.2, rate) for start in (0.2, 1.0, 1.6, 2.3, 3.0, 3.6)) > 0.01


@pytest.mark.parametrize("drop", ["mkv", "mp4", "avi", "ts"])
async def test_a_track_without_any_sound_in_it_does_no_harm(tmp_path: Path, drop: str) -> None:
    clip = encode(tmp_path / "clip.mp4", RED.format(1), "-pix_fmt", "yuv420p")
    run_ffmpeg("-i", clip, "-c", "copy", "-bsf:a", "noise=drop=1", tmp_path / f"empty.{drop}")
    result = await rendered(tmp_path / f"empty.{drop}", duration=1.0)
    assert names(result) == {"proxy", *PICTURES}
    assert made(result, "proxy").duration == pytest.approx(1.0, abs=0.1)
    assert result.reason is not None
    assert "The sound is damaged" in result.reason


async def test_sound_that_ends_early_is_noted(tmp_path: Path) -> None:
    result = await rendered(encode(tmp_path / "clip.mkv", RED.format(6), "-pix_fmt", "yuv420p", tone="sine=duration=2"))
    assert result.reason == "The sound ends after 2 of 6 s. If it should not, copy the file again."


async def test_pictures_that_end_early_are_noted(tmp_path: Path) -> None:
    result = await rendered(encode(tmp_path / "clip.mkv", RED.format(2), "-pix_fmt", "yuv420p", tone="sine=duration=6"))
    assert result.reason == "The picture ends after 2 of 6 s. If it should not, copy the file again."


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
async def test_samples_that_are_no_numbers_cost_no_more_than_themselves(tmp_path: Path, value: float) -> None:
    """300 Hz for two seconds, with a moment in the middle of what recorders write that have lost their way."""
    samples = 0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * 48000) / 48000)
    samples[48000:48100] = value
    (tmp_path / "a.wav").write_bytes(float_wav(samples))
    run_ffmpeg("-f", "lavfi", "-i", RED.format(2), "-i", tmp_path / "a.wav", "-c:a", "copy", tmp_path / "a.mkv")
    for name, kind in (("a.wav", Kind.AUDIO), ("a.mkv", Kind.VIDEO)):
        (tmp_path / kind).mkdir()
        result = await rendered((tmp_path / name).rename(tmp_path / kind / name), kind, duration=2.0)
        assert result.reason is None
        for heard, rate in ((speech(result), 16000), (sound(made(result, "proxy").path), 48000)):
            assert len(heard) / rate == pytest.approx(2.0, abs=0.05)
            for start in (0.1, 1.1):
                assert pitch(heard, start, start + 0.8, rate) == pytest.approx(300, abs=3)
                assert loudness(heard, start, start + 0.8, rate) == pytest.approx(0.15, abs=0.08)


@pytest.mark.parametrize("name", ["a.mp3", "a.wav", "a.flac", "a.ogg", "a.aac", "a.m4a", "a.aiff", "a.mka"])
async def test_sound_files_of_every_format_can_be_listened_to(tmp_path: Path, name: str) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=2", tmp_path / name)
    result = await rendered(tmp_path / name, Kind.AUDIO, duration=2.0)
    assert names(result) == {"proxy", *SOUND}
    assert result.reason is None
    assert pitch(speech(result), 0.5, 1.5) == pytest.approx(440, abs=3)


async def test_the_waveform_shows_when_it_is_loud(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=frequency=440:duration=4,volume='4*gte(t,3)':eval=frame", tmp_path / "a.wav")
    result = await rendered(tmp_path / "a.wav", Kind.AUDIO, duration=4.0)
    assert made(result, "waveform").content_type == "application/json"
    told = json.loads(made(result, "waveform").path.read_text())
    assert (told["sample_rate"], told["samples_per_pixel"], told["length"]) == (16000, 160, 400)
    highest = told["data"][1::2]
    assert max(highest[:290]) == 0
    assert min(highest[310:]) > 40
