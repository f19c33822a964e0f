from dataclasses import replace
from uuid import uuid4

from services.ingest.library import Existing, added, ingested, plainly_new, updated
from services.ingest.outcome import Description, Inspected
from shared.contracts import FileIngested, Kind

PATH = b"/films/caf\xe9.mp4"


def inspected(content: bytes, path: bytes = PATH) -> Inspected:
    description = Description(kind=Kind.VIDEO, duration=2.0, has_audio=True)
    return Inspected(path_raw=path, size=7, modified_ns=1, fingerprint=content * 32, description=description)


BEFORE = Existing(uuid4(), PATH, "/films/caf\ufffd.mp4", "/films", Kind.VIDEO, 3, b"a" * 32)


def test_a_new_file_begins_with_revision_one() -> None:
    entry = added(inspected(b"a"), "/films")
    assert (entry.revision, entry.is_fresh, entry.root) == (1, True, "/films")


def test_new_content_is_a_new_revision_of_the_same_file() -> None:
    entry = updated(inspected(b"b"), BEFORE)
    assert (entry.id, entry.revision, entry.is_fresh, entry.root) == (BEFORE.id, 4, True, "/films")


def test_the_same_content_keeps_its_revision() -> None:
    entry = updated(inspected(b"a"), BEFORE)
    assert (entry.id, entry.revision, entry.is_fresh) == (BEFORE.id, 3, False)


def test_the_event_shows_names_that_are_no_utf_8_to_people() -> None:
    entry = added(inspected(b"a"), "/films")
    assert ingested(entry) == FileIngested(
        file_id=entry.id, revision=1, kind=Kind.VIDEO, path="/films/caf\ufffd.mp4", size=7, fingerprint="61" * 32, duration=2.0,
        has_audio=True,
    )  # fmt: skip


def test_what_is_known_by_path_or_content_is_not_plainly_new() -> None:
    known_path, known_content, new = inspected(b"a"), inspected(b"b", b"/b"), inspected(b"c", b"/c")
    assert plainly_new([known_path, known_content, new], {PATH}, {b"b" * 32}, lambda file: True) == (
        [new], [known_content, known_path],
    )  # fmt: skip


def test_of_two_copies_the_first_by_path_is_new() -> None:
    first, second = inspected(b"a", b"/1"), inspected(b"a", b"/2")
    assert plainly_new([second, first], (), (), lambda file: True) == ([first], [second])


def test_a_copy_of_what_waits_for_another_waits_too() -> None:
    first, second = inspected(b"a", b"/1"), replace(inspected(b"a", b"/2"), size=8)
    assert plainly_new([first, second], (), (), lambda file: file is second) == ([], [first, second])
