"""One look at one file: open, tell its format, read what it says, fingerprint it. Runs in an inspector's process."""

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ingest.inspection.fingerprint import fingerprint
from services.ingest.inspection.sniff import HEAD, MP3, Format, id3_length, mislabelled, sniff
from services.ingest.limits import Limits
from services.ingest.metadata.photo import describe_photo
from services.ingest.metadata.probe import describe_media
from services.ingest.metadata.sidecar import with_sidecar
from services.ingest.outcome import Candidate, Description, Inspected, NotOurs, Outcome, Refused, Rejected
from services.ingest.reasons import NO_FILE, unreadable
from shared.contracts import Kind, StageState

UNKNOWN = "Not a video, photo or sound file that Spillway knows."
EMPTY = "The file is empty (0 bytes): copying or recording it may have failed. Copy it again from where it came."
CHANGING = "The file changed while it was read, as if it were still being copied; import it again when that is finished."


def inspect(candidate: Candidate, limits: Limits, alive: Callable[[], None]) -> Outcome:
    """What a file turns out to be; never raises, as one file must not stop the others. `alive` is called now and then."""
    try:
        return _inspect(candidate, limits, alive)
    except Refused as refusal:
        return Rejected(candidate.path_raw, refusal.state, str(refusal))
    except OSError as error:
        return Rejected(candidate.path_raw, StageState.FAILED, unreadable(error))
    except Exception as error:
        reason = f"Something unexpected went wrong while this file was read ({type(error).__name__}: {error})."
        return Rejected(candidate.path_raw, StageState.FAILED, reason)


def _inspect(candidate: Candidate, limits: Limits, alive: Callable[[], None]) -> Outcome:
    path = os.fsdecode(candidate.path_raw)
    with _regular_file(path) as file:
        before = os.fstat(file.fileno())
        if before.st_size == 0:
            raise Refused(EMPTY)
        description = with_sidecar(_description(file, Path(path).name, before.st_size, limits), path)
        file.seek(0)
        digest, length = fingerprint(file, alive)
        after = os.fstat(file.fileno())
        if (length, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or length != before.st_size:
            raise Refused(CHANGING)
    return Inspected(candidate.path_raw, after.st_size, after.st_mtime_ns, digest, description)


@contextmanager
def _regular_file(path: str) -> Iterator[io.BufferedReader]:
    # Without O_NONBLOCK a pipe that took the file's place since it was listed would hold the inspector up for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotOurs(NO_FILE)
        yield file


def _description(file: io.BufferedReader, name: str, size: int, limits: Limits) -> Description:
    format_ = _format(file)
    if format_ is None:
        raise NotOurs(UNKNOWN)
    if format_.is_picture:
        limits.check(Kind.IMAGE, size)
    file.seek(0)
    description = (describe_photo if format_.is_picture else describe_media)(file, format_)
    limits.check(description.kind, size)
    description.metadata["format"] = format_.name
    if mislabelled(format_, name):
        notes = description.metadata.setdefault("notes", [])
        assert isinstance(notes, list)
        notes.append(f"The name does not fit the content, which is {format_.name}; Spillway goes by the content.")
    return description


def _format(file: io.BufferedReader) -> Format | None:
    head = file.read(HEAD)
    tag = id3_length(head)
    if tag:
        file.seek(tag)
        return sniff(file.read(HEAD)) or MP3
    return sniff(head)
