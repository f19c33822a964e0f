import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.values import LONGEST_LIST, LONGEST_TEXT, count, number, plain, positive, text, without_empty

HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.binary()
    | st.complex_numbers()
    | st.fractions(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(HOSTILE)
def test_whatever_a_file_says_becomes_json_that_postgres_takes(value: Any) -> None:
    written = json.dumps(plain(value), allow_nan=False, ensure_ascii=False)
    written.encode("utf-8")
    assert "\\u0000" not in written
    assert json.loads(written) == plain(value)


@given(st.text(st.characters(exclude_categories=())) | st.binary())
def test_text_is_printable_trimmed_and_of_bounded_length(value: str | bytes) -> None:
    cleaned = text(value)
    if cleaned is not None:
        assert cleaned == cleaned.strip() != ""
        assert "\0" not in cleaned
        assert len(cleaned.encode("utf-8")) <= 4 * LONGEST_TEXT


def test_text_keeps_what_people_write() -> None:
    assert text("  Grüße\nvom Pool 🏊 \0\0") == "Grüße\nvom Pool 🏊"
    assert text("a\ud800b") == "ab"
    assert text(b"caf\xc3\xa9\0") == "café"
    assert text("\0 ") is None
    assert text(7) is None


class Zero:
    """A fraction as cameras write it: over zero."""

    def __float__(self) -> float:
        raise ZeroDivisionError


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "ten", None, b"one", Zero(), [1], 2.0**60])
def test_what_is_no_usable_number_is_none(value: Any) -> None:
    assert number(value) is None


def test_numbers() -> None:
    assert number(Fraction(1, 4)) == 0.25
    assert positive(0) is None
    assert positive(-1) is None
    assert count(2.9) == 2
    assert count(0.5) is None


def test_lists_are_kept_whole_or_not_at_all() -> None:
    assert plain((1, Fraction(1, 2), "a")) == [1, 0.5, "a"]
    assert plain([1, b"blob"]) is None
    assert plain([]) is None
    assert plain([1] * (LONGEST_LIST + 1)) is None
    assert plain({"a": 1}) is None
    assert plain(b"blob") is None


def test_without_empty_keeps_zero_and_false() -> None:
    assert without_empty({"a": None, "b": "", "c": {}, "d": [], "e": 0, "f": False}) == {"e": 0, "f": False}
