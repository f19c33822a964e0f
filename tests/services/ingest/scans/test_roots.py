import os
import sys

import pytest

from services.ingest.scans.roots import after, beneath, moved_root, outermost, raw_root, root_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="written with the separators of other systems")


def test_the_shown_root_is_found_again_in_a_path_under_it() -> None:
    assert raw_root("/films/caf\ufffd", b"/films/caf\xe9/a/b.mp4") == b"/films/caf\xe9"
    assert raw_root("/", b"/a/b.mp4") == b"/"
    assert raw_root("/a.mp4", b"/a.mp4") == b"/a.mp4"


@pytest.mark.parametrize(
    ("roots", "kept"),
    [
        ([b"/a", b"/a/b", b"/ab"], [b"/a", b"/ab"]),
        ([b"/a/b", b"/a b", b"/a"], [b"/a b", b"/a"]),
        ([b"/", b"/a"], [b"/"]),
        ([b"/a", b"/a"], [b"/a"]),
        ([], []),
    ],
)
def test_roots_in_other_roots_are_left_out(roots: list[bytes], kept: list[bytes]) -> None:
    assert outermost(roots) == kept


def test_what_lies_beneath_sorts_between_a_folder_and_what_comes_after() -> None:
    low, high = beneath(b"/a"), after(beneath(b"/a"))
    assert all(low <= path < high for path in (b"/a/", b"/a/b", b"/a/\xff"))
    assert not low <= b"/a" < high
    assert not low <= b"/a b" < high
    assert beneath(b"/") == b"/"


def test_the_innermost_root_counts() -> None:
    roots = frozenset({"/a", "/a/b", "/a/b/c.mp4"})
    assert root_of("/a/b/c.mp4", roots, "/x") == "/a/b/c.mp4"
    assert root_of("/a/b/d.mp4", roots, "/x") == "/a/b"
    assert root_of("/a/bc/d.mp4", roots, "/x") == "/a"
    assert root_of("/b/d.mp4", roots, "/x") == "/x"
    assert root_of("uploads/d.mp4", roots, "/x") == "/x"


@pytest.mark.parametrize(
    ("root", "old", "new", "moved"),
    [
        ("/films", "/films/a/x.mp4", "/films/b/x.mp4", "/films"),
        ("/films", "/films/a/x.mp4", "/archive/2025/a/x.mp4", "/archive/2025"),
        ("/films", "/films/a/x.mp4", "/archive/y.mp4", "/archive"),
        ("/films/x.mp4", "/films/x.mp4", "/elsewhere/x.mp4", "/requested"),
        ("", "/films/x.mp4", "/elsewhere/x.mp4", "/requested"),
        ("/films", "/films/x.mp4", "/films old/x.mp4", "/films old"),
    ],
)
def test_a_root_moves_with_its_files(root: str, old: str, new: str, moved: str) -> None:
    assert moved_root(root, old, new, frozenset({"/archive"}), "/requested") == moved


def test_separators_are_those_of_the_system() -> None:
    assert beneath(b"x").endswith(os.sep.encode())
