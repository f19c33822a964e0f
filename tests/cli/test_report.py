"""What people read in the terminal."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from cli.report import clock, common_folder, marked, print_files, print_moments, sums
from cli.search_report import print_facets, print_files_found
from tests.support.terminal import Terminal

DONE = dict.fromkeys(("ingest", "proxy", "transcribe", "analyse", "embed"), "done")
FILES: list[dict[str, Any]] = [
    {"path": "/media/Smith/pool.mp4", "stages": DONE, "error": None},
    {"path": "/media/broken.mp4", "stages": {**dict.fromkeys(DONE, "skipped"), "ingest": "failed"}, "error": "It is [empty]."},
]


def printed(print_to: Callable[[Any, Console], None], answer: object) -> str:
    terminal = Terminal(width=100)
    print_to(answer, terminal)
    return terminal.text


def test_files_are_named_from_the_folder_that_they_share_and_reasons_stand_below() -> None:
    text = printed(print_files, FILES)
    assert "/media/" in text.splitlines()[0]
    assert " Smith/pool.mp4 " in text
    assert "It is [empty].\n  broken.mp4" in text
    assert text.rstrip().endswith("1 of 2 files searchable, 1 unreadable, 0 not media")


def test_no_files_are_a_sum_too() -> None:
    assert "0 of 0 files searchable" in printed(print_files, [])


@pytest.mark.parametrize(
    ("paths", "folder"),
    [
        (["/a/b/c.mp4", "/a/b/d.mp4"], "/a/b/"),
        (["/a/bc.mp4", "/a/bd.mp4"], "/a/"),
        (["/a/b.mp4"], "/a/"),
        (["C:\\media\\a.mp4", "C:\\media\\b\\c.mp4"], "C:\\media\\"),
        ([], ""),
    ],
)
def test_common_folder_ends_at_a_separator(paths: list[str], folder: str) -> None:
    assert common_folder(paths) == folder


def test_marks_become_colour_and_escapes_become_themselves() -> None:
    text = marked("a &lt;b&gt; <mark>white</mark> waterfall")
    assert text.plain == "a <b> white waterfall"
    assert [text.plain[span.start : span.end] for span in text.spans] == ["white"]


FOUND: dict[str, Any] = {
    "q": "hi",
    "files": [
        {
            "path": "/m/[x].mp4",
            "missing": True,
            "moments": [{"start": 61.2, "end": 65.0, "field": "transcript", "snippet": "<mark>hi</mark> [there]"}],
        }
    ],
    "next_cursor": "x",
}


def test_files_are_found_with_their_moments() -> None:
    text = printed(print_files_found, FOUND)
    assert text == "/m/[x].mp4  missing\n    01:01-01:05  transcript  hi [there]\n1 file, and there are more\n"
    assert "Nothing found for “[x]”" in printed(print_files_found, {"q": "[x]", "files": [], "next_cursor": None})


def test_facets_are_a_line_each() -> None:
    facets = {"files": 2, "values": {"camera": [{"value": "[a]", "files": 2}, {"value": "b", "files": 1}]}}
    assert printed(print_facets, facets) == "\n2 files match\ncamera    [a] (2), b (1)\n"


def test_what_was_not_understood_is_told_below_the_moments() -> None:
    assert printed(print_moments, {"q": "x", "moments": [], "took_ms": 1, "note": "There is no field [x]:."}).endswith(
        "There is no field [x]:.\n"
    )


def test_moments_show_place_and_words_even_with_brackets() -> None:
    moment = {"path": "/m/[x].mp4", "start": 61.2, "end": 65.0, "field": "transcript", "snippet": "<mark>hi</mark> [there]"}
    text = printed(print_moments, {"q": "hi", "moments": [moment], "took_ms": 3.2})
    assert "01:01-01:05  /m/[x].mp4" in text
    assert "hi [there]" in text
    assert text.endswith("1 moment in 3 ms\n")


def test_nothing_found_says_so() -> None:
    assert "Nothing found for “[x]”" in printed(print_moments, {"q": "[x]", "moments": [], "took_ms": 1})


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (61.9, "01:01"), (3661, "1:01:01")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_sums_tell_skipped_from_unreadable() -> None:
    skipped = {"path": "x", "stages": {**dict.fromkeys(DONE, "skipped")}}
    assert sums([*FILES, skipped]) == "1 of 3 files searchable, 1 unreadable, 1 not media"
