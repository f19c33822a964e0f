"""What becomes of inspected files in the library: which are new, which have changed, and what is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.ingest.outcome import Inspected
from shared.contracts import FileIngested
from shared.identifiers import new_id
from shared.paths import shown


@dataclass(frozen=True)
class Existing:
    """What the library has under a path."""

    id: UUID
    path_raw: bytes
    revision: int
    fingerprint: bytes
    failed: bool = False


@dataclass(frozen=True)
class Entry:
    """A row of the library to write; a fresh one goes through the pipeline."""

    id: UUID
    revision: int
    is_fresh: bool
    file: Inspected


def entries(files: Sequence[Inspected], existing: Mapping[bytes, Existing]) -> list[Entry]:
    """One entry per file. A known path keeps its id.

    It keeps its revision too, unless the content differs, or a stage failed: who imports a file again wants that tried again.
    """
    return [_entry(file, existing.get(file.path_raw)) for file in files]


def _entry(file: Inspected, before: Existing | None) -> Entry:
    if before is None:
        return Entry(new_id(), 1, is_fresh=True, file=file)
    if before.fingerprint == file.fingerprint and not before.failed:
        return Entry(before.id, before.revision, is_fresh=False, file=file)
    return Entry(before.id, before.revision + 1, is_fresh=True, file=file)


def ingested(entry: Entry) -> FileIngested:
    """The fact that an entry's content is in the library."""
    description = entry.file.description
    return FileIngested(
        file_id=entry.id,
        revision=entry.revision,
        kind=description.kind,
        path=shown(entry.file.path_raw),
        size=entry.file.size,
        fingerprint=entry.file.fingerprint.hex(),
        duration=description.duration,
        has_audio=description.has_audio,
    )
