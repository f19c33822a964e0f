"""Cursors of searches lead back to where a page ended, and are read with suspicion."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.http.cursors import write_place
from services.search.moments.grouping import Place
from services.search.moments.matching import Sort
from services.search.moments.search_cursors import read_key, read_score, write_key, write_score
from shared.errors import Invalid

ID = uuid4()


@given(st.floats(0, 1))
def test_a_score_comes_back(score: float) -> None:
    assert read_score(write_score(Place(score, ID))) == Place(score, ID)


@pytest.mark.parametrize(
    ("sort", "key"),
    [(Sort.PATH, "/a/ü.mp4"), (Sort.CAPTURED, "-infinity"), (Sort.CAPTURED, "2024-08-12 10:00:00+00"), (Sort.DURATION, "-1")],
)
def test_a_key_comes_back(sort: Sort, key: str) -> None:
    assert read_key(write_key(sort, key, ID), sort) == (key, ID)


@pytest.mark.parametrize(
    ("sort", "key"),
    [(Sort.CAPTURED, "today"), (Sort.DURATION, "long"), (Sort.DURATION, "nan"), (Sort.PATH, "\x00"), (Sort.PATH, "\ud800")],
)
def test_a_key_that_the_database_would_refuse_is_refused(sort: Sort, key: str) -> None:
    with pytest.raises(Invalid):
        read_key(write_key(sort, key, ID), sort)


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Invalid, match="sorted otherwise"):
        read_key(write_key(Sort.PATH, "a", ID), Sort.DURATION)
    with pytest.raises(Invalid, match="sorted otherwise"):
        read_score(write_key(Sort.PATH, "a", ID))


@given(st.text() | st.binary().map(write_place) | st.sampled_from(["bnVsbA==", "WzEsMiwzXQ==", "e30="]))
def test_what_was_never_given_out_is_refused(text: str) -> None:
    for read in (read_score, lambda text: read_key(text, Sort.PATH)):
        with pytest.raises(Invalid):
            read(text)
