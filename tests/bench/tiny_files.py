"""Files that are next to no work: 4 KB photos and one-second clips with and without sound, no two with the same content."""

import random
from itertools import cycle, islice
from pathlib import Path

from PIL import Image

from tests.support.media import tiny_video


def make(folder: Path, count: int, seed: int) -> list[Path]:
    """So many files, half of them photos; the same seed makes the same ones. Returns them in order."""
    folder.mkdir(parents=True)
    loud, mute = _template(folder.parent, sound=True), _template(folder.parent, sound=False)
    return [
        _photo(folder / f"photo {number:04d}.jpg", seed * count + number)
        if template is None
        else _clip(folder / f"clip {number:04d}.mp4", template, seed * count + number)
        for number, template in enumerate(islice(cycle((None, loud, None, mute)), count))
    ]


def _template(folder: Path, *, sound: bool) -> bytes:
    path = tiny_video(folder / f"template-{sound}.mp4", sound=sound)
    content = path.read_bytes()
    path.unlink()
    return content


def _clip(path: Path, template: bytes, number: int) -> Path:
    """The template with a box at its end that players skip, so that its fingerprint is its own."""
    box = number.to_bytes(8, "big")
    path.write_bytes(template + (8 + len(box)).to_bytes(4, "big") + b"free" + box)
    return path


def _photo(path: Path, number: int) -> Path:
    """Grey noise: about 4 KB."""
    noise = random.Random(number).randbytes(80 * 60)
    Image.frombytes("L", (80, 60), noise).convert("RGB").save(path, quality=70)
    return path
