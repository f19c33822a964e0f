import itertools
import os
import sys
from pathlib import Path
from uuid import UUID

import pytest

from services.ingest.scans.disk import Sight, Status, is_as_found, is_given_up, is_listed, look
from services.ingest.scans.matching import Homeless, Match, is_alias, match
from shared.changes import Change

A, B = (Homeless(UUID(int=number), path) for number, path in ((1, b"/films/a.mp4"), (2, b"/films/b.mp4")))
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="written with the separators of other systems")


def matched(files: list[Homeless], *places: bytes) -> dict[bytes, bytes]:
    results = [
        {found.file.path_raw: found.place for found in match(list(order), list(spots))}
        for order in itertools.permutations(files)
        for spots in itertools.permutations(places)
    ]
    assert all(result == results[0] for result in results), "the order of what is given must not matter"
    return results[0]


def test_a_file_is_where_its_content_is() -> None:
    assert matched([A], b"/new/x.mp4") == {A.path_raw: b"/new/x.mp4"}


def test_of_several_places_the_one_with_its_name_is_the_file() -> None:
    assert matched([A], b"/1/x.mp4", b"/2/a.mp4") == {A.path_raw: b"/2/a.mp4"}
    assert matched([A, B], b"/2/b.mp4", b"/1/a.mp4", b"/0/c.mp4") == {A.path_raw: b"/1/a.mp4", B.path_raw: b"/2/b.mp4"}


def test_its_own_path_comes_before_its_name() -> None:
    assert matched([A], b"/1/a.mp4", A.path_raw) == {A.path_raw: A.path_raw}


def test_without_a_name_to_go_by_the_first_place_is_taken() -> None:
    assert matched([A, B], b"/2", b"/1", b"/3") == {A.path_raw: b"/1", B.path_raw: b"/2"}


def test_a_file_for_which_no_place_is_left_has_none() -> None:
    assert matched([A, B], b"/x") == {A.path_raw: b"/x"}
    assert matched([A]) == {}


@POSIX
@pytest.mark.parametrize(
    ("is_missing", "place", "change"),
    [
        (False, b"/films/x.mp4", Change.RENAMED),
        (False, b"/films/deep/a.mp4", Change.MOVED),
        (True, b"/films/x.mp4", Change.RETURNED),
        (True, b"/films/a.mp4", Change.RETURNED),
    ],
)
def test_what_people_call_it(is_missing: bool, place: bytes, change: Change) -> None:
    assert Match(Homeless(A.id, A.path_raw, is_missing), place).change is change


@pytest.mark.parametrize(
    ("old", "new", "is_one_name"),
    [
        ("/films/Pool.MP4", "/films/pool.mp4", True),
        ("/FILMS/pool.mp4", "/films/pool.mp4", True),
        ("/films/caf\u00e9.mp4", "/films/cafe\u0301.mp4", True),
        ("/films/CAF\u00c9.mp4", "/films/cafe\u0301.mp4", True),
        ("/films/pool.mp4", "/films/pool2.mp4", False),
        ("/films/cafe.mp4", "/films/caf\u00e9.mp4", False),
    ],
)
def test_two_spellings_of_a_name_are_one_if_the_folder_lists_the_new_one_alone(old: str, new: str, is_one_name: bool) -> None:
    assert is_alias(old.encode(), new.encode(), is_listed=False) is is_one_name
    assert not is_alias(old.encode(), new.encode(), is_listed=True)


def test_a_place_is_given_up_when_nothing_is_there(tmp_path: Path) -> None:
    old = os.fsencode(tmp_path / "old")
    assert is_given_up(old, look(old), [])
    assert not is_given_up(old, Status(Sight.UNKNOWN), [])
    (tmp_path / "old").touch()
    assert not is_given_up(old, look(old), [])


@POSIX
def test_a_second_link_to_a_file_is_a_place_of_its_own(tmp_path: Path) -> None:
    old, new = tmp_path / "pool.mp4", tmp_path / "POOL.mp4"
    old.touch()
    if new.exists():
        pytest.skip("this file system holds both for one name")
    os.link(old, new)
    assert look(os.fsencode(old)).identity == look(os.fsencode(new)).identity
    assert not is_given_up(os.fsencode(old), look(os.fsencode(old)), [os.fsencode(new)])


@POSIX
def test_a_spelling_that_still_leads_to_the_file_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system does not hold two spellings for one name, a second link that no folder lists stands in for it."""
    old, new = tmp_path / "deep" / "pool.mp4", tmp_path / "Deep" / "Pool.mp4"
    new.parent.mkdir()
    new.touch()
    if not old.exists():
        old.parent.mkdir()
        os.link(new, old)
        listdir = os.listdir
        monkeypatch.setattr(os, "listdir", lambda folder: [name for name in listdir(folder) if name[:1].isupper()])
    assert is_given_up(os.fsencode(old), look(os.fsencode(old)), [os.fsencode(new)])
    assert not is_given_up(os.fsencode(old), look(os.fsencode(old)), [os.fsencode(tmp_path / "deep" / "other.mp4")])


@POSIX
def test_a_path_is_listed_if_its_folders_list_every_part_that_differs(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x").touch()
    root = os.fsencode(tmp_path)
    assert is_listed(root + b"/a/b/x", root + b"/a/b/y")
    assert is_listed(root + b"/a/b/x", root + b"/A/b/x")
    assert not is_listed(root + b"/a/b/y", root + b"/a/b/x")
    assert not is_listed(root + b"/A/b/x", root + b"/a/b/x")


def test_a_path_that_cannot_be_looked_at_is_unknown(tmp_path: Path) -> None:
    assert look(os.fsencode(tmp_path) + b"/" + b"x" * 5000).sight is Sight.UNKNOWN
    assert look(b"/a\0b").sight is Sight.UNKNOWN


def test_a_file_is_as_found_if_size_and_time_are(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    seen = look(os.fsencode(path))
    assert is_as_found(seen, 3, path.stat().st_mtime_ns)
    assert not is_as_found(seen, 4, path.stat().st_mtime_ns)
    assert not is_as_found(seen, 3, path.stat().st_mtime_ns + 1)
    assert not is_as_found(Status(Sight.GONE), 0, 0)
