from dataclasses import replace
from uuid import UUID

from services.ingest.library import Existing
from services.ingest.outcome import Description, Inspected
from services.ingest.reasons import OVERTAKEN
from services.ingest.scans.planning import Grounds, Known, Plan, Step, plan
from shared.changes import Change
from shared.contracts import Kind

A, B = b"a" * 32, b"b" * 32
GROUNDS = Grounds(frozenset({"/films"}), "/asked")


def existing(number: int, path: bytes, content: bytes, **options: bool) -> Existing:
    return Existing(UUID(int=number), path, path.decode(), "/films", Kind.IMAGE, 1, content, **options)


def found(path: bytes, content: bytes) -> Inspected:
    return Inspected(path, 7, 1, content, Description(Kind.IMAGE))


def step(change: Change, path: bytes, content: bytes | None = None, file: Existing | None = None) -> Step:
    return Step(path, change, file.id if file else None, found(path, content) if content else None)


def planned(*steps: Step, library: tuple[Existing, ...] = ()) -> Plan:
    known = Known(
        places={file.path_raw: file for file in library if not file.is_missing},
        files={file.id: file for file in library},
        contents={file.fingerprint: file for file in library},
    )
    return plan(steps, known, GROUNDS)


def results(made: Plan) -> list[tuple[str, str | None]]:
    return [(item.state, item.reason) for item in made.settled]


def test_a_new_file_is_added_under_the_root_that_it_lies_in() -> None:
    made = planned(step(Change.NEW, b"/films/a", A), step(Change.NEW, b"/else/b", B))
    assert [(entry.root, entry.revision) for entry in made.added] == [("/films", 1), ("/asked", 1)]
    assert [item.file_id for item in made.settled] == [entry.id for entry in made.added]


def test_a_new_file_that_another_job_added_meanwhile_is_that_file() -> None:
    file = existing(1, b"/films/a", A)
    made = planned(step(Change.NEW, b"/films/a", A), library=(file,))
    assert (made.added, made.settled[0].file_id, made.settled[0].state) == ([], file.id, "done")


def test_a_new_file_whose_content_came_in_elsewhere_meanwhile_is_a_copy() -> None:
    file = existing(1, b"/films/x", A)
    made = planned(step(Change.NEW, b"/films/a", A), library=(file,))
    assert made.added == []
    assert results(made) == [("skipped", "The same content as /films/x is in the library already.")]


def test_a_copy_that_is_to_be_a_file_of_its_own_is_added() -> None:
    made = planned(step(Change.DUPLICATE, b"/films/a", A), library=(existing(1, b"/films/x", A),))
    assert [entry.file.path_raw for entry in made.added] == [b"/films/a"]


def test_a_new_file_takes_the_place_of_one_with_other_content() -> None:
    file = existing(1, b"/films/a", B)
    made = planned(step(Change.NEW, b"/films/a", A), library=(file,))
    assert (len(made.added), made.displaced) == (1, [file])


def test_a_move_displaces_who_is_noted_there_but_not_itself() -> None:
    mover, holder = existing(1, b"/films/a", A), existing(2, b"/films/b", B)
    made = planned(step(Change.MOVED, b"/films/b", A, mover), library=(mover, holder))
    assert ([move.file for move in made.moves], made.displaced) == ([mover], [holder])
    back = planned(step(Change.RETURNED, b"/films/a", A, mover), library=(mover,))
    assert (len(back.moves), back.displaced) == (1, [])


def test_a_move_that_the_library_has_overtaken_is_refused() -> None:
    mover, twin = existing(1, b"/films/a", A), existing(2, b"/films/b", A)
    for library in ((replace(mover, fingerprint=B),), (mover, twin), ()):
        made = planned(step(Change.MOVED, b"/films/b", A, mover), library=library)
        assert (made.moves, results(made)) == ([], [("failed", OVERTAKEN)])


def test_a_change_of_a_file_that_was_moved_meanwhile_is_refused() -> None:
    file = existing(1, b"/films/elsewhere", A)
    made = planned(step(Change.CHANGED, b"/films/a", B, file), library=(file,))
    assert (made.updated, results(made)) == ([], [("failed", OVERTAKEN)])


def test_changed_content_is_the_next_revision() -> None:
    file = existing(1, b"/films/a", A)
    [entry] = planned(step(Change.CHANGED, b"/films/a", B, file), library=(file,)).updated
    assert (entry.id, entry.revision, entry.is_fresh) == (file.id, 2, True)


def test_a_file_that_was_only_touched_is_noted_and_what_failed_is_tried_again() -> None:
    file = existing(1, b"/films/a", A)
    made = planned(step(Change.UNCHANGED, b"/films/a", A, file), library=(file,))
    assert [entry.is_fresh for entry in made.updated] == [False]
    assert made.tried_again == [file.id]
    unread = planned(step(Change.UNCHANGED, b"/films/a", None, file), library=(file,))
    assert (unread.updated, unread.tried_again) == ([], [file.id])


def test_a_missing_file_is_lost_unless_it_was_moved_meanwhile() -> None:
    file = existing(1, b"/films/a", A)
    assert planned(step(Change.MISSING, b"/films/a", None, file), library=(file,)).missing == [file]
    assert planned(step(Change.MISSING, b"/films/a\0", None, file), library=(file,)).missing == [file]
    moved = replace(file, path_raw=b"/films/b")
    made = planned(step(Change.MISSING, b"/films/a", None, file), library=(moved,))
    assert (made.missing, results(made)) == ([], [("failed", OVERTAKEN)])
