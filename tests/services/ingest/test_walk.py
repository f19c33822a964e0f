import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.reasons import FORBIDDEN, LOOP, NO_FILE
from services.ingest.walk import BROKEN_LINK, Found, is_passed_over, walk
from shared.contracts import StageState
from shared.errors import Invalid
from shared.paths import shown

NEEDS_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def names(root: Path, *, recursive: bool = True) -> list[str]:
    found = list(walk(root, recursive=recursive))
    assert len({item.path_raw for item in found}) == len(found)
    return sorted(Path(os.fsdecode(item.path_raw)).relative_to(root).as_posix() for item in found)


def only(root: Path) -> Found:
    [found] = walk(root)
    return found


def test_every_file_under_a_folder_is_found(tmp_path: Path) -> None:
    for name in ("a.mp4", "b/c.jpg", "b/d/e/f.txt"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["a.mp4", "b/c.jpg", "b/d/e/f.txt"]
    assert names(tmp_path, recursive=False) == ["a.mp4"]


def test_a_file_is_found_by_itself(tmp_path: Path) -> None:
    path = touch(tmp_path / ".hidden.mp4")
    assert only(path) == Found(os.fsencode(path))


def test_a_path_without_anything_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="There is no file or folder at"):
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
    assert only(tmp_path) == Found(os.fsencode(link), StageState.FAILED, LOOP)


@NEEDS_LINKS
def test_a_link_to_nothing_has_a_reason(tmp_path: Path) -> None:
    link = tmp_path / "gone.mp4"
    link.symlink_to(tmp_path / "nothing")
    assert only(tmp_path) == Found(os.fsencode(link), StageState.FAILED, BROKEN_LINK)


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
        found = list(walk(tmp_path))
    assert {(item.state, item.reason) for item in found} == {(StageState.SKIPPED, NO_FILE)}
    assert names(tmp_path) == ["pipe.mp4", "socket.mp4"]
    assert only(tmp_path / "pipe.mp4").state is StageState.SKIPPED


def test_a_folder_that_may_not_be_read_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    touch(locked / "a.mp4")
    touch(tmp_path / "b.mp4")
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this user may read everything")
    try:
        assert set(walk(tmp_path)) == {
            Found(os.fsencode(locked), StageState.FAILED, FORBIDDEN),
            Found(os.fsencode(tmp_path / "b.mp4")),
        }
    finally:
        locked.chmod(0o700)


def test_a_folder_that_vanishes_during_the_walk_has_a_reason_and_stops_nothing(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    touch(first / "a.mp4")
    touch(second / "b.mp4")
    found = walk(tmp_path)
    there = next(found)
    gone = second if os.fsdecode(there.path_raw).startswith(str(first)) else first
    next(gone.iterdir()).unlink()
    gone.rmdir()
    [missing] = found
    assert missing.path_raw == os.fsencode(gone)
    assert missing.state is StageState.FAILED
    assert "no longer there" in (missing.reason or "")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take UTF-8 names only")
def test_a_name_that_is_no_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9 \xff.mp4"
    os.close(os.open(raw, os.O_CREAT | os.O_WRONLY))
    assert only(tmp_path) == Found(raw)
    assert shown(raw).endswith("caf\ufffd \ufffd.mp4")


@given(st.binary(min_size=1))
def test_any_name_can_be_shown_as_text_that_postgres_takes(raw: bytes) -> None:
    shown(raw).encode("utf-8")


@given(st.text(min_size=1))
def test_only_dots_and_known_names_are_passed_over(name: str) -> None:
    assert is_passed_over("." + name)
    assert not is_passed_over("clip " + name)
