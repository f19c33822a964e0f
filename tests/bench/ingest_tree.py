"""A tree of tiny photos and sounds, no two with the same content, and what people do to such trees."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.support.media import run_ffmpeg

FOLDERS = 250
SOUNDS = 20
"""Every so many files one is a sound."""
MOVED, EDITED, DELETED = 0.05, 0.02, 0.01
"""Shares of the files that a round of changes is about."""


@dataclass
class Changes:
    """What was done to a tree: old and new paths, and paths."""

    moved: dict[Path, Path] = field(default_factory=dict)
    edited: list[Path] = field(default_factory=list)
    deleted: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """Files under a folder; `size` is what each is padded to, in bytes, None for as small as they are."""

    root: Path
    files: int
    size: int | None = None

    def make(self) -> None:
        """Make every file, each of its own content."""
        self.root.mkdir(parents=True)
        photo, sound = self._templates()
        folders = [self.root / f"{number // 25:02d} Project" / f"shoot {number:03d}" for number in range(FOLDERS)]
        for folder in folders:
            folder.mkdir(parents=True)
        for number in range(self.files):
            is_sound = number % SOUNDS == 0
            name = f"take {number:06d}.wav" if is_sound else f"IMG_{number:06d}.jpg"
            self._write(folders[number % FOLDERS] / name, sound if is_sound else photo, number)

    def change(self, seed: int) -> Changes:
        """Move, edit and delete files, chosen by the seed; a third of those that move keep their names."""
        chance = random.Random(seed)
        paths = sorted(self.paths())
        chance.shuffle(paths)
        counts = [int(len(paths) * share) for share in (MOVED, EDITED, DELETED)]
        done = Changes()
        for at, path in enumerate(paths[: counts[0]]):
            name = path.name if at % 3 == 0 else f"{path.stem} moved {seed}{path.suffix}"
            done.moved[path] = self.root / f"archive {seed}" / f"{at % 20:02d}" / name
        done.edited = paths[counts[0] : counts[0] + counts[1]]
        done.deleted = paths[sum(counts[:2]) : sum(counts)]
        self._apply(done, seed)
        return done

    def paths(self) -> Iterator[Path]:
        """Every file."""
        return (path for path in self.root.rglob("*") if path.is_file())

    def _apply(self, done: Changes, seed: int) -> None:
        for old, new in done.moved.items():
            new.parent.mkdir(parents=True, exist_ok=True)
            old.rename(new)
        for at, path in enumerate(done.edited):
            with path.open("ab") as file:
                file.write(seed.to_bytes(4, "big") + at.to_bytes(4, "big"))
        for path in done.deleted:
            path.unlink()

    def _write(self, path: Path, template: bytes, number: int) -> None:
        """The template with bytes behind its end that no reader looks at, so that its fingerprint is its own."""
        own = number.to_bytes(8, "big")
        filling = random.Random(number).randbytes(self.size - len(template) - len(own)) if self.size else b""
        path.write_bytes(template + filling + own)

    def _templates(self) -> tuple[bytes, bytes]:
        photo, sound = self.root / "template.jpg", self.root / "template.wav"
        noise = random.Random(1).randbytes(80 * 60)
        Image.frombytes("L", (80, 60), noise).convert("RGB").save(photo, quality=70)
        run_ffmpeg("-f", "lavfi", "-i", "sine=duration=0.05:sample_rate=16000", "-c:a", "pcm_s16le", sound)
        templates = photo.read_bytes(), sound.read_bytes()
        photo.unlink()
        sound.unlink()
        return templates
