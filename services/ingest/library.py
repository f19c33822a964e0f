"""Files of the library: what is known of one, which inspected files are new for certain, and what is told of them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from services.ingest.outcome import Inspected
from shared.contracts import FileIngested, Kind
from shared.identifiers import new_id
from shared.paths import shown


@dataclass(frozen=True)
class Existing:
    """A file of the library."""

    id: UUID
    path_raw: bytes
    path: str
    root: str
    kind: Kind
    revision: int
    fingerprint: bytes
    is_missing: bool = False


@dataclass(frozen=True)
class Entry:
    """A row of the library to write; a fresh one goes through the pipeline."""

    id: UUID
    revision: int
    is_fresh: bool
    root: str
    file: Inspected


def added(file: Inspected, root: str) -> Entry:
    """A file that the library did not have."""
    return Entry(new_id(), 1, is_fresh=True, root=root, file=file)


def updated(file: Inspected, before: Existing) -> Entry:
    """A file of the library with what it is now: other content is a new revision, a new date alone is none."""
    is_fresh = before.fingerprint != file.fingerprint
    return Entry(before.id, before.revision + is_fresh, is_fresh=is_fresh, root=before.root, file=file)


def plainly_new(
    files: Iterable[Inspected], paths: Collection[bytes], contents: Collection[bytes], is_first: Callable[[Inspected], bool]
) -> tuple[list[Inspected], list[Inspected]]:
    """Files that are new whatever else is found, and the rest, which are told apart when all of the job's files are known.

    `paths` and `contents` are those that the library or the job knows of; `is_first` says whether no file that may have the
    same content and sorts before it is still being read.
    """
    new: list[Inspected] = []
    rest: list[Inspected] = []
    seen = set(contents)
    for file in sorted(files, key=lambda file: file.path_raw):
        is_new = file.path_raw not in paths and file.fingerprint not in seen and is_first(file)
        (new if is_new else rest).append(file)
        seen.add(file.fingerprint)
    return new, rest


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
