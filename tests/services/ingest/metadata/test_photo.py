import io
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from services.ingest.inspection.sniff import sniff
from services.ingest.metadata.embedded import BROKEN_EXIF
from services.ingest.metadata.photo import CUT_SHORT, describe_photo
from services.ingest.outcome import Description, NotOurs, Refused

SIZE = (64, 48)


def written(kind: str, **options: Any) -> bytes:
    noise = Image.effect_noise(SIZE, 80).convert("P" if kind == "GIF" else "RGB")
    memory = io.BytesIO()
    noise.save(memory, kind, **options)
    return memory.getvalue()


def described(content: bytes) -> Description:
    format_ = sniff(content)
    assert format_ is not None
    return describe_photo(io.BytesIO(content), format_)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "HEIF"])
def test_every_format_that_is_told_can_be_read(kind: str) -> None:
    found = described(written(kind))
    assert (found.width, found.height) == SIZE


def test_what_a_camera_writes_is_found() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model], exif[ExifTags.Base.Orientation] = "Canon", "Canon EOS 40D", 6
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2020:06:01 12:00:00"
    details[ExifTags.Base.OffsetTimeOriginal] = "+02:00"
    details[ExifTags.Base.LensModel] = "EF 50mm"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "S", (33.0, 30.0, 0.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (70.0, 45.0, 0.0)

    found = described(written("JPEG", exif=exif))

    assert (found.width, found.height) == SIZE[::-1]
    assert found.captured_at == datetime(2020, 6, 1, 10, tzinfo=UTC)
    assert (found.latitude, found.longitude) == (-33.5, 70.75)
    assert found.camera == "Canon EOS 40D"
    assert found.metadata["lens"] == "EF 50mm"
    assert found.metadata["captured_zone"] == "+02:00"
    assert found.metadata["orientation"] == 6


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_jpeg_that_is_cut_short_is_refused(cut: float) -> None:
    whole = written("JPEG", quality=95)
    with pytest.raises(Refused) as refused:
        described(whole[: int(len(whole) * cut)])
    assert str(refused.value) == CUT_SHORT


def test_what_apps_put_behind_a_jpeg_does_not_make_it_incomplete() -> None:
    assert described(written("JPEG") + bytes(100_000)).width == SIZE[0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_photos_that_are_cut_short_are_refused(kind: str) -> None:
    whole = written(kind)
    with pytest.raises(Refused, match="Copy it again"):
        described(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
def test_a_photo_with_nothing_behind_its_first_bytes_is_refused(kind: str) -> None:
    with pytest.raises(Refused, match="Copy it again"):
        described(written(kind)[:13] + b"\xa5" * 200)


def test_a_png_with_flipped_bits_is_refused() -> None:
    content = bytearray(written("PNG"))
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(Refused, match="looks like PNG but cannot be read"):
        described(bytes(content))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_decompression_bomb_is_refused_unopened() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(Refused, match="million pixels"):
        described(bomb)


def test_a_raw_file_is_not_taken_for_its_preview(tmp_path: Path) -> None:
    memory = io.BytesIO()
    tags = {254: 1}
    Image.new("RGB", SIZE).save(memory, "TIFF", tiffinfo=tags)
    with pytest.raises(NotOurs, match="raw file"):
        described(memory.getvalue())


def exif_block(*entries: bytes) -> bytes:
    count = struct.pack("<H", len(entries))
    return b"Exif\0\0" + b"II*\0\x08\0\0\0" + count + b"".join(entries) + b"\0\0\0\0"


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


@pytest.mark.parametrize(
    "block",
    [
        exif_block(entry(0x010F, 2, 4_000_000_000, 8)),
        exif_block(entry(0x010F, 2, 100, 60_000)),
        exif_block(entry(0x010F, 99, 1, 8)),
        exif_block(entry(0x8769, 4, 1, 8)),
        exif_block(entry(0x8769, 4, 1, 4_000_000_000)),
        exif_block(entry(0x8825, 2, 3, 8)),
        exif_block(entry(0x0112, 3, 1, 65_000)),
        exif_block(entry(0x011A, 5, 1, 8)),
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0garbage!",
        b"Exif\0\0",
    ],
)
def test_exif_that_makes_no_sense_does_not_cost_the_photo(block: bytes) -> None:
    found = described(written("JPEG", exif=block))
    assert (found.width, found.height) == SIZE
    assert found.camera is None


def test_damaged_exif_is_noted() -> None:
    profile = PngImagePlugin.PngInfo()
    profile.add_text("Raw profile type exif", "\nexif\n4\nno hexadecimal")
    found = described(written("PNG", pnginfo=profile))
    assert found.metadata["notes"] == [BROKEN_EXIF]
