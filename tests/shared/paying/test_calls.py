"""What makes two questions the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.paying.calls import question_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(parts=st.dictionaries(st.text(), json_values, max_size=5))
def test_the_order_of_the_parts_does_not_matter(parts: dict[str, object]) -> None:
    turned = dict(reversed(parts.items()))
    assert question_of(**parts) == question_of(**turned)
    assert len(question_of(**parts)) == 64


def test_every_part_matters() -> None:
    questions = {
        question_of(content="a", model="m"),
        question_of(content="b", model="m"),
        question_of(content="a", model="n"),
        question_of(content="a", model="m", temperature=0),
        question_of(content="a", model="m", temperature=None),
        question_of(content=["a", "m"]),
    }
    assert len(questions) == 6


def test_the_same_parts_are_the_same_question_for_good() -> None:
    assert question_of(a=1, b="ü") == "810a43bc0215b9ea42773ffb4fc92c184749b3676b4e3fda524018da652e229f"


@pytest.mark.parametrize("part", [{1, 2}, b"bytes", float("nan")])
def test_what_is_no_json_is_no_part(part: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        question_of(part=part)
