"""Photos that are cut off, broken, hostile, or no photos."""

import errno
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from shared.errors import BadMedia
from shared.media_faults import DiskFull
from tests.support.pictures import close, gradient, picture, rendered

INCOMPLETE = "The image is damaged or incomplete: part of it is missing. Copy it again from the camera or card."
OUT_OF_PLACE = "The image is damaged: parts of it are missing or out of place. Copy it again from the camera or card."


@pytest.fixture(autouse=True)
def pillow_as_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".tiff"])
def test_a_cut_off_image_gives_what_there_is(tmp_path: Path, suffix: str) -> None:
    gradient(1400, 1000).save(tmp_path / f"photo{suffix}")
    content = (tmp_path / f"photo{suffix}").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) * 2 // 3])
    assert rendered(tmp_path / "cut.jpg").reason == INCOMPLETE
    assert close(picture(tmp_path / "cut.jpg"), (627, 40), (127, 11, 64), within=40)
    assert rendered(tmp_path / f"photo{suffix}").reason is None


def test_a_cut_off_image_of_four_inks(tmp_path: Path) -> None:
    Image.new("CMYK", (1400, 1000), (10, 200, 100, 30)).save(tmp_path / "photo.jpg", quality=95)
    content = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) * 2 // 3])
    assert rendered(tmp_path / "cut.jpg").reason == INCOMPLETE
    assert close(picture(tmp_path / "cut.jpg"), (627, 40), (216, 49, 137))


def test_a_jpeg_with_many_faults_says_so(tmp_path: Path) -> None:
    gradient(1400, 1000).save(tmp_path / "photo.jpg", quality=95, restart_marker_blocks=8)
    content = bytearray((tmp_path / "photo.jpg").read_bytes())
    chance = random.Random(1)
    markers = [at for at in range(len(content) - 1) if content[at] == 0xFF and 0xD0 <= content[at + 1] <= 0xD7]
    for at in markers:
        content[at + 1] = 0xD0 + chance.randrange(8)
    (tmp_path / "photo.jpg").write_bytes(content)
    assert rendered(tmp_path / "photo.jpg").reason == OUT_OF_PLACE


def test_one_cut_off_before_its_first_pixel_is_refused(tmp_path: Path) -> None:
    gradient(1400, 1000).save(tmp_path / "photo.jpg")
    content = (tmp_path / "photo.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: content.index(b"\xff\xda") + 14])
    with pytest.raises(BadMedia, match="The image is damaged and cannot be read"):
        rendered(tmp_path / "cut.jpg")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"text", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"GIF89a" + b"\xff" * 99]
)
def test_what_is_no_image_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(BadMedia) as refused:
        rendered(tmp_path / "photo.jpg")
    assert str(refused.value).endswith(".")


def bomb(path: Path, side: int) -> Path:
    """A PNG of a few hundred bytes that says it has so many pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    )
    return path


def test_a_bomb_is_not_decoded(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="50000 by 50000 pixels, more than the 100 million") as refused:
        rendered(bomb(tmp_path / "bomb.png", 50_000))
    assert "SPILLWAY_PROXY_IMAGE_PIXELS" in str(refused.value)


def test_nor_is_one_that_only_pillow_reads(tmp_path: Path) -> None:
    Image.new("LAB", (20_000, 6_000)).save(tmp_path / "bomb.tiff", compression="tiff_lzw")
    with pytest.raises(BadMedia, match="20000 by 6000 pixels"):
        rendered(tmp_path / "bomb.tiff")


def test_text_that_unpacks_to_megabytes_is_not_unpacked(tmp_path: Path) -> None:
    gradient(8, 8).save(tmp_path / "photo.png")
    content = (tmp_path / "photo.png").read_bytes()
    data = b"Comment\0\0" + zlib.compress(b" " * (80 << 20))
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + struct.pack(">I", zlib.crc32(b"zTXt" + data))
    (tmp_path / "photo.png").write_bytes(content[:33] + chunk + content[33:])
    assert rendered(tmp_path / "photo.png").reason is None


def test_a_full_disk_is_not_the_fault_of_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    gradient(64, 48).save(tmp_path / "photo.png")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFull):
        rendered(tmp_path / "photo.png")
