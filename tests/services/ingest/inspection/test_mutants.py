"""Damaged files of every format, through real inspectors: each has an outcome in words, and none costs a process."""

import io
import json
import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from services.ingest.inspection.pool import Pool
from services.ingest.outcome import Candidate, Inspected, Rejected
from tests.support.media import run_ffmpeg, tiny_video
from tests.support.xmp import bag, packet

register_heif_opener()

MUTANTS = 100
PACKET = packet(bag("dc:subject", "waterfall"))
LARGE = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00")
UNFORESEEN = ("unexpected", "crashed", "no progress")


def photo(kind: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Canon", 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2020:06:01 12:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (33.0, 30.0, 0.0)
    memory = io.BytesIO()
    Image.effect_noise((64, 48), 80).convert("RGB").save(memory, kind, exif=exif, xmp=PACKET)
    return memory.getvalue()


def sound(path: Path) -> bytes:
    tags = ("-metadata", "title=Interview", "-metadata", "date=2021-05-01")
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=0.2", *tags, *(("-write_bext", "1") if path.suffix == ".wav" else ()), path)
    return path.read_bytes()


def mutant(content: bytes, chance: random.Random) -> bytes:
    """The content with some of it changed, most of it near the front, where sizes and counts stand."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 2, 5, 20])):
        at = chance.randrange(min(len(changed), chance.choice([256, 4096, len(changed)])))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                changed[at : at + 4] = chance.choice(LARGE)
            case 2:
                del changed[at : at + chance.choice([1, 4, 200])]
            case _:
                changed[at:at] = chance.randbytes(4)
        if len(changed) < 32:
            break
    return bytes(changed)


async def portions(paths: Sequence[Path]) -> AsyncIterator[Sequence[Candidate]]:
    for start in range(0, len(paths), 16):
        yield [Candidate(bytes(path)) for path in paths[start : start + 16]]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "a.png",
        "a.webp",
        "a.tiff",
        "a.heic",
        "a.mp4",
        "a.mov",
        "a.mkv",
        "a.avi",
        "a.mts",
        "a.mp3",
        "a.wav",
        "a.flac",
        "a.ogg",
    ],
)
async def test_no_damage_is_unforeseen(tmp_path: Path, pool: Pool, name: str) -> None:
    kinds = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tiff": "TIFF", ".heic": "HEIF"}
    whole = tmp_path / name
    if whole.suffix in kinds:
        content = photo(kinds[whole.suffix])
    elif whole.suffix in {".mp3", ".wav", ".flac", ".ogg"}:
        content = sound(whole)
    else:
        content = tiny_video(whole, seconds=0.5).read_bytes()
    chance = random.Random(name)
    paths = [tmp_path / f"{number}{whole.suffix}" for number in range(MUTANTS)]
    for path in paths:
        path.write_bytes(mutant(content, chance))
    outcomes = [outcome async for batch in pool.inspect(portions(paths)) for outcome in batch]
    assert len(outcomes) == MUTANTS
    for outcome in outcomes:
        assert isinstance(outcome, Inspected | Rejected)
        if isinstance(outcome, Inspected):
            written = json.dumps(outcome.description.metadata, allow_nan=False, ensure_ascii=False)
            assert "\\u0000" not in written
            assert len(written.encode()) < 1 << 20
        else:
            assert not any(sign in outcome.reason for sign in UNFORESEEN), outcome.reason
