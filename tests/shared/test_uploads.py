"""Names of uploads: what is left of what people and programs call files."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.uploads import LONGEST_NAME, NOT_IN_NAMES, numbered, safe_name, split


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("falls.mp4", "falls.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\falls.mp4", "falls.mp4"),
        ("/abs/falls.mp4", "falls.mp4"),
        ("..", ""),
        (".", ""),
        ("folder/", ""),
        (" falls .mp4 ", "falls .mp4"),
        ("falls.mp4...", "falls.mp4"),
        ("a\r\nb\x00c.mp4", "abc.mp4"),
        ("gpj.\u202e4pm.exe", "gpj.4pm.exe"),
        ("what? <now>: a|b*.mp4", "what_ _now__ a_b_.mp4"),
        ("con.mp4", "_con.mp4"),
        ("NUL", "_NUL"),
        ("console.mp4", "console.mp4"),
        (".hidden", ".hidden"),
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),
        ("滝.mov", "滝.mov"),
        ("\ud800.jpg", ".jpg"),
    ],
)
def test_what_a_file_may_be_called(given: str, name: str) -> None:
    assert safe_name(given) == name


def test_a_long_name_keeps_its_suffix() -> None:
    name = safe_name("滝" * 300 + ".mp4")
    assert name.endswith("滝.mp4")
    assert LONGEST_NAME - 3 < len(name.encode()) <= LONGEST_NAME
    assert len(safe_name("x." + "y" * 300).encode()) <= LONGEST_NAME


@given(st.text(max_size=400))
def test_no_name_says_where_to_go_or_hides_anything(given: str) -> None:
    name = safe_name(given)
    assert name not in {".", ".."}
    assert not NOT_IN_NAMES & {*name}
    assert not {"/", "\\"} & {*name}
    assert all(unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} for sign in name)
    assert len(name.encode()) <= LONGEST_NAME + 1
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("name", "number", "expected"),
    [
        ("falls.mp4", 1, "falls.mp4"),
        ("falls.mp4", 2, "falls (2).mp4"),
        ("falls", 3, "falls (3)"),
        (".hidden", 2, ".hidden (2)"),
        ("a.b.mov", 12, "a.b (12).mov"),
    ],
)
def test_names_that_are_taken_get_a_number(name: str, number: int, expected: str) -> None:
    assert numbered(name, number) == expected
    assert "".join(split(name)) == name
