"""Tiny real media files, made on the spot."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageDraw


def run_ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg; its complaint is in the error if it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr)


def tiny_video(path: Path, *, seconds: float = 1.0, sound: bool = True, size: str = "64x48", rate: int = 15) -> Path:
    """A moving test picture, with a tone or silent."""
    picture = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}", "-c:a", "aac", "-shortest"] if sound else []
    run_ffmpeg(*picture, *tone, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", path)
    return path


def excerpt(source: Path, path: Path, *, start: float, seconds: float) -> Path:
    """A part of a sound or video file, as WAV."""
    run_ffmpeg("-ss", str(start), "-t", str(seconds), "-i", source, "-vn", "-ac", "1", "-ar", "16000", path)
    return path


def tiny_photo(path: Path, *, colour: str = "steelblue", size: tuple[int, int] = (160, 120)) -> Path:
    """A coloured picture with a circle in it, in the format that the name says."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="white")
    image.save(path)
    return path
