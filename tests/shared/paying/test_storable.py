"""Every answer can be kept, and an ordinary one as it came."""

import json

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from shared.paying.storable import storable

anything: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=anything)
def test_what_is_kept_is_json_that_postgres_takes(value: JsonValue) -> None:
    text = json.dumps(storable(value), ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in text.replace("\\\\", "")
    text.encode()


@given(value=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers()))
def test_an_ordinary_answer_stays_as_it_is(value: dict[str, JsonValue]) -> None:
    assert storable(value) == value
