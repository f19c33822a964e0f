"""Small whole files of every container, made once: what the mutants are made of."""

from collections.abc import Callable
from pathlib import Path

import pillow_heif
from PIL import Image

from tests.support.media import run_ffmpeg
from tests.support.pictures import gradient
from tests.support.profiles import DISPLAY_P3, press_profile, rgb_profile

PICTURE = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.6")
TONE = ("-f", "lavfi", "-i", "sine=frequency=330:duration=0.6:sample_rate=16000")
TAGS = ("-metadata", "title=A tone", "-metadata", "creation_time=2024-05-06T07:08:09Z")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")

FOOTAGE: dict[str, tuple[tuple[str, ...], ...]] = {
    "mp4": ((*PICTURE, *TONE, *H264, "-c:a", "aac", *TAGS), (*PICTURE, *H264, "-movflags", "+frag_keyframe+empty_moov")),
    "mov": ((*PICTURE, *TONE, "-c:v", "mjpeg", "-c:a", "pcm_s16le", *TAGS), (*PICTURE, *TONE, *H264, "-c:a", "alac")),
    "mkv": ((*PICTURE, *TONE, *H264, "-c:a", "flac", *TAGS), (*PICTURE, "-c:v", "ffv1")),
    "webm": ((*PICTURE, *TONE, "-c:v", "libvpx", "-c:a", "libopus"), (*PICTURE, "-c:v", "libvpx-vp9", "-cpu-used", "8")),
    "avi": ((*PICTURE, *TONE, "-c:v", "mpeg4", "-c:a", "libmp3lame"), (*PICTURE, *TONE, "-c:v", "mjpeg", "-c:a", "pcm_s16le")),
    "mts": ((*PICTURE, *TONE, "-c:v", "mpeg2video", "-c:a", "mp2", "-f", "mpegts"), (*PICTURE, *H264, "-f", "mpegts")),
    "mp3": ((*TONE, *TAGS), (*TONE, "-b:a", "8k", "-write_xing", "0")),
    "wav": ((*TONE, *TAGS), (*TONE, "-c:a", "pcm_f32le", "-rf64", "always")),
    "flac": ((*TONE, *TAGS), (*TONE, "-ac", "2", "-compression_level", "12")),
}


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9003] = 6, "Camera", "2024:05:06 07:08:09"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return exif.tobytes()


def _rich(path: Path) -> None:
    gradient(80, 60).save(path, exif=_exif(), icc_profile=rgb_profile(DISPLAY_P3, 2.2))


def _progressive(path: Path) -> None:
    gradient(80, 60).save(path, progressive=True, restart_marker_blocks=4)


def _inks(path: Path) -> None:
    gradient(80, 60).convert("CMYK").save(path, icc_profile=press_profile(lambda inks: 100 * (1 - inks[3])))


def _palette(path: Path) -> None:
    gradient(80, 60).quantize(16).save(path, transparency=0)


def _moving(path: Path) -> None:
    gradient(80, 60).save(path, save_all=True, append_images=[Image.new("RGB", (80, 60), "red")], duration=100)


def _plain(path: Path) -> None:
    gradient(80, 60).save(path)


def _packed(path: Path) -> None:
    gradient(80, 60).save(path, compression="tiff_lzw")


def _deep(path: Path) -> None:
    gradient(80, 60).convert("I;16").save(path)


PHOTOS: dict[str, tuple[Callable[[Path], None], ...]] = {
    "jpeg": (_rich, _progressive, _inks),
    "png": (_rich, _palette, _deep),
    "webp": (_rich, _moving),
    "gif": (_moving, _plain),
    "tiff": (_rich, _packed, _inks),
    "heic": (_rich, _plain),
}

CONTAINERS = (*FOOTAGE, *PHOTOS)


def specimens(container: str, folder: Path) -> list[bytes]:
    """The whole files of a container."""
    pillow_heif.register_heif_opener()
    path = folder / f"whole.{container}"
    made = []
    for arguments in FOOTAGE.get(container, ()):
        run_ffmpeg(*arguments, path)
        made.append(path.read_bytes())
    for save in PHOTOS.get(container, ()):
        save(path)
        made.append(path.read_bytes())
    path.unlink()
    return made
