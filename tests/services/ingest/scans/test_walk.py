import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.reasons import FORBIDDEN, LOOP, NO_FILE
from services.ingest.scans import walk as walking
from services.ingest.scans.walk import BROKEN_LINK, NothingThere, Problem, Sighting, is_passed_over, walk
from shared.contracts import StageState
from shared.paths import shown

NEEDS_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def files(root: Path, *, recursive: bool = True) -> dict[str, Sighting]:
    found: dict[str, Sighting] = {}
    for listing in walk(root, recursive=recursive):
        for file in listing.files:
            assert listing.prefix + file[0] not in found
            found[listing.prefix + file[0]] = file
    return found


def problems(root: Path) -> list[Problem]:
    return [problem for listing in walk(root) for problem in listing.problems]


def names(root: Path, *, recursive: bool = True) -> list[str]:
    return sorted(Path(path).relative_to(root).as_posix() for path in files(root, recursive=recursive))


def test_every_file_under_a_folder_is_found(tmp_path: Path) -> None:
    for name in ("a.mp4", "b/c.jpg", "b/d/e/f.txt"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["a.mp4", "b/c.jpg", "b/d/e/f.txt"]
    assert names(tmp_path, recursive=False) == ["a.mp4"]


def test_a_file_is_found_by_itself(tmp_path: Path) -> None:
    path = touch(tmp_path / ".hidden.mp4")
    assert list(files(path)) == [str(path)]


def test_a_file_is_told_with_its_size_and_time(tmp_path: Path) -> None:
    path = touch(tmp_path / "a.mp4")
    os.utime(path, ns=(1, 1_600_000_000_123_456_700))
    assert list(files(tmp_path).values()) == [("a.mp4", 1, 1_600_000_000_123_456_700)]


def test_a_large_folder_is_told_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "SLICE", 3)
    for number in range(8):
        touch(tmp_path / f"{number}.jpg")
    listings = list(walk(tmp_path))
    assert max(len(listing.files) for listing in listings) == 3
    assert names(tmp_path) == [f"{number}.jpg" for number in range(8)]


@pytest.mark.skipif(sys.platform == "win32", reason="handles are counted otherwise there")
def test_one_folder_is_open_at_a_time(tmp_path: Path) -> None:
    for number in range(5):
        touch(tmp_path / str(number) / "deep" / "a.jpg")
    before = psutil.Process().num_fds()
    seen = [psutil.Process().num_fds() - before for _ in walk(tmp_path)]
    assert max(seen) <= 1


def test_a_path_without_anything_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(NothingThere, match="There is no file or folder at"):
        list(walk(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", [".DS_Store", "._clip.mp4", ".data/x.mp4", "Thumbs.db", "@eaDir/x.jpg", "$RECYCLE.BIN/x.mp4"])
def test_what_nobody_put_there_is_passed_over(tmp_path: Path, name: str) -> None:
    touch(tmp_path / name)
    assert names(tmp_path) == []


@NEEDS_LINKS
def test_links_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "clip.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "itself").symlink_to(tmp_path / "a")
    assert names(tmp_path) == ["a/clip.mp4"]


@NEEDS_LINKS
def test_a_link_that_leads_to_itself_has_a_reason(tmp_path: Path) -> None:
    link = tmp_path / "loop.mp4"
    link.symlink_to(link)
    assert problems(tmp_path) == [Problem(str(link), StageState.FAILED, LOOP)]


@NEEDS_LINKS
def test_a_link_to_nothing_has_a_reason(tmp_path: Path) -> None:
    link = tmp_path / "gone.mp4"
    link.symlink_to(tmp_path / "nothing")
    assert problems(tmp_path) == [Problem(str(link), StageState.FAILED, BROKEN_LINK)]


@NEEDS_LINKS
def test_a_linked_file_is_taken_once_and_by_its_own_name_where_it_has_one_here(tmp_path: Path) -> None:
    inside, outside = touch(tmp_path / "in" / "z.mp4"), touch(tmp_path / "out" / "o.mp4")
    (tmp_path / "in" / "a.mp4").symlink_to(inside)
    (tmp_path / "in" / "b.mp4").symlink_to(outside)
    (tmp_path / "in" / "c.mp4").symlink_to(outside)
    assert names(tmp_path / "in") == ["b.mp4", "z.mp4"]


@NEEDS_LINKS
def test_a_linked_folder_is_entered_once_and_by_its_own_name_where_it_has_one_here(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "real" / "deep" / "r.mp4")
    touch(tmp_path / "out" / "o.mp4")
    (tmp_path / "in" / "a").symlink_to(tmp_path / "in" / "real" / "deep")
    (tmp_path / "in" / "b").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "c").symlink_to(tmp_path / "out")
    assert names(tmp_path / "in") == ["b/o.mp4", "real/deep/r.mp4"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_pipes_and_sockets_are_named_but_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the names of sockets must be short
    os.mkfifo("pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.mp4")
        found = problems(tmp_path)
    assert {(problem.state, problem.reason) for problem in found} == {(StageState.SKIPPED, NO_FILE)}
    assert {Path(problem.path).name for problem in found} == {"pipe.mp4", "socket.mp4"}
    assert [problem.state for problem in problems(tmp_path / "pipe.mp4")] == [StageState.SKIPPED]


def test_a_folder_that_may_not_be_read_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    touch(locked / "a.mp4")
    touch(tmp_path / "b.mp4")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    try:
        assert problems(tmp_path) == [Problem(str(locked), StageState.FAILED, FORBIDDEN, is_closed=True)]
        assert names(tmp_path) == ["b.mp4"]
    finally:
        locked.chmod(0o700)


def test_a_folder_that_vanishes_during_the_walk_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    touch(first / "a.mp4")
    touch(second / "b.mp4")
    found = walk(tmp_path)
    while not (there := next(found)).files:
        pass
    gone = second if there.prefix.startswith(str(first)) else first
    next(gone.iterdir()).unlink()
    gone.rmdir()
    [missing] = [problem for listing in found for problem in listing.problems]
    assert (missing.path, missing.state, missing.is_closed) == (str(gone), StageState.FAILED, True)
    assert "no longer there" in missing.reason


def test_a_folder_whose_files_cannot_be_looked_at_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a.mp4")
    with os.scandir(tmp_path) as scan:
        [entry] = scan

    class Forbidden:
        name, path = entry.name, entry.path

        def is_file(self, *, follow_symlinks: bool) -> bool:
            return True

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            raise PermissionError(13, "Permission denied", self.path)

    monkeypatch.setattr(os, "scandir", lambda path: nullcontext(iter([Forbidden()])))  # root may look at everything
    assert problems(tmp_path) == [Problem(str(tmp_path), StageState.FAILED, FORBIDDEN, is_closed=True)]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take UTF-8 names only")
def test_a_name_that_is_no_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9 \xff.mp4"
    os.close(os.open(raw, os.O_CREAT | os.O_WRONLY))
    assert [os.fsencode(path) for path in files(tmp_path)] == [raw]
    assert shown(raw).endswith("caf\ufffd \ufffd.mp4")


@given(st.binary(min_size=1))
def test_any_name_can_be_shown_as_text_that_postgres_takes(raw: bytes) -> None:
    shown(raw).encode("utf-8")


@given(st.text(min_size=1))
def test_only_dots_and_known_names_are_passed_over(name: str) -> None:
    assert is_passed_over("." + name)
    assert not is_passed_over("clip " + name)
