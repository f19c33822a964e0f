"""Runs ffmpeg: frames in through a pipe, a finished clip out. The same input gives the same bytes."""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt

ENCODER_THREADS = 2
"""Fixed, because x264 spreads its decisions over threads and the bytes depend on how many there are."""


@dataclass(frozen=True)
class Sound:
    """A file whose sound goes into the clip, re-encoded or as it is."""

    path: Path
    as_it_is: bool


@dataclass(frozen=True)
class Format:
    width: int
    height: int
    rate: int
    quality: int
    sound_codec: str


def clip_arguments(form: Format, sound: Sound | None, recorded: datetime, target: Path) -> list[str]:
    """What ffmpeg is to be told; frames are expected as 24-bit RGB on its standard input."""
    pictures = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{form.width}x{form.height}", "-r", str(form.rate), "-i", "-"]
    voice = ["-i", str(sound.path), "-map", "0:v", "-map", "1:a"] if sound else ["-map", "0:v", "-an"]
    video = [
        "-c:v",
        "libx264",
        "-preset",
        "slower",
        "-crf",
        str(form.quality),
        "-threads",
        str(ENCODER_THREADS),
        "-g",
        str(4 * form.rate),
        "-vf",
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
    ]
    return [*_head(), *pictures, *voice, *video, *_sound_arguments(form.sound_codec, sound), *_tail(recorded, target)]


def sound_arguments(sound: Sound, recorded: datetime, tags: dict[str, str], target: Path) -> list[str]:
    """Arguments for a file without pictures."""
    named = [part for key, value in tags.items() for part in ("-metadata", f"{key}={value}")]
    codec = _sound_arguments("aac", sound)
    return [*_head(), "-i", str(sound.path), "-map", "0:a", *codec, *_tail(recorded, target, named)]


def _head() -> list[str]:
    return [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]


def _sound_arguments(codec: str, sound: Sound | None) -> list[str]:
    if sound is None:
        return []
    if sound.as_it_is:
        return ["-c:a", "copy"]
    rate = "48000" if codec == "libopus" else "44100"
    return ["-c:a", codec, "-b:a", "64k", "-ar", rate, "-ac", "1"]


def _tail(recorded: datetime, target: Path, named: Sequence[str] = ()) -> list[str]:
    stamp = f"creation_time={recorded.isoformat()}"
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    return ["-map_metadata", "-1", *named, "-metadata", stamp, *exact, *_placement(target), str(target)]


def _placement(target: Path) -> list[str]:
    return [] if target.suffix == ".mkv" else ["-movflags", "+faststart"]


def encode(arguments: Sequence[str], frames: Iterable[npt.NDArray[np.uint8]] = ()) -> None:
    """Runs ffmpeg to its end; raises `CalledProcessError` when it fails."""
    with subprocess.Popen(arguments, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for frame in frames:
            process.stdin.write(frame.tobytes())
        process.stdin.close()
        code = process.wait()
    if code:
        raise subprocess.CalledProcessError(code, list(arguments))
