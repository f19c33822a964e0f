"""Cursors survive the trip to the client and back."""

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.http.cursors import Cursor, read, write
from shared.errors import Invalid


@given(st.uuids(), st.integers(0, 2**63))
def test_a_cursor_comes_back_as_it_was(last: UUID, total: int) -> None:
    assert read(write(Cursor(last, total))) == Cursor(last, total)


@given(st.text(max_size=40))
def test_any_other_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert isinstance(read(text).last, UUID)


def test_a_cut_cursor_is_refused() -> None:
    with pytest.raises(Invalid, match="begin at the first page"):
        read(write(Cursor(UUID(int=1), 5))[:-4])
