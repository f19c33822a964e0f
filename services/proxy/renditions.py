"""What is made of a file, and what it is called in the object store."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePath
from uuid import UUID

from shared.contracts import Kind

NAME_LENGTH = 80
"""Characters of the original's name in a key: enough to recognise it by, and far from S3's limit of 1024 bytes."""


@dataclass(frozen=True)
class Source:
    """An original as the library knows it; `path` is where it lies, or the name of an upload."""

    file_id: UUID
    revision: int
    kind: Kind
    path: Path
    size: int
    modified_ns: int
    duration: float | None
    has_audio: bool = False
    object_key: str | None = None


@dataclass(frozen=True)
class Measure:
    """How large a rendition is: pixels for pictures, seconds for what has a length."""

    width: int | None
    height: int | None
    duration: float | None


@dataclass(frozen=True)
class Rendition:
    """One object that was made: its role, where it is on disk, and how large it turned out (bytes, pixels, seconds)."""

    name: str
    path: Path
    content_type: str
    bytes: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    recipe: str = ""


@dataclass(frozen=True)
class Rendered:
    """All that was made of a file; `reason` says what is missing and why, `cuts` (videos) where shots begin, in seconds."""

    renditions: tuple[Rendition, ...]
    cuts: tuple[float, ...] | None = None
    reason: str | None = None


def key(source: Source, rendition: Rendition) -> str:
    """The rendition's key: the same for the same revision of a file, and readable."""
    name = f"{safe_name(source.path)}_{source.file_id}_{rendition.path.name}"
    return f"proxy/{source.file_id}/r{source.revision}/{name}"


def safe_name(path: PurePath) -> str:
    """A file's name without its extension, in letters, digits, `-`, `_` and `.` alone; `file` if nothing is left of it."""
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", plain)[:NAME_LENGTH].strip("._-") or "file"
