from uuid import uuid4

from services.ingest.library import Existing, entries, ingested
from services.ingest.outcome import Description, Inspected
from shared.contracts import FileIngested, Kind

PATH = b"/films/caf\xe9.mp4"


def inspected(content: bytes) -> Inspected:
    description = Description(kind=Kind.VIDEO, duration=2.0, has_audio=True)
    return Inspected(path_raw=PATH, size=7, modified_ns=1, fingerprint=content * 32, description=description)


def test_a_path_that_is_not_known_is_a_new_file() -> None:
    [entry] = entries([inspected(b"a")], {})
    assert (entry.revision, entry.is_fresh) == (1, True)


def test_new_content_under_a_known_path_is_a_new_revision_of_the_same_file() -> None:
    before = Existing(id=uuid4(), path_raw=PATH, revision=3, fingerprint=b"a" * 32)
    [entry] = entries([inspected(b"b")], {PATH: before})
    assert (entry.id, entry.revision, entry.is_fresh) == (before.id, 4, True)


def test_the_same_content_keeps_its_revision() -> None:
    before = Existing(id=uuid4(), path_raw=PATH, revision=3, fingerprint=b"a" * 32)
    [entry] = entries([inspected(b"a")], {PATH: before})
    assert (entry.id, entry.revision, entry.is_fresh) == (before.id, 3, False)


def test_the_event_shows_names_that_are_no_utf_8_to_people() -> None:
    [entry] = entries([inspected(b"a")], {})
    assert ingested(entry) == FileIngested(
        file_id=entry.id, revision=1, kind=Kind.VIDEO, path="/films/caf\ufffd.mp4", size=7, fingerprint="61" * 32, duration=2.0,
        has_audio=True,
    )  # fmt: skip
