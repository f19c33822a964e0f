"""Queries are made fit, and their vectors remembered."""

import pytest

from services.search.moments.queries import QueryVectors, Unembedded, fit
from shared.errors import Invalid
from tests.support.embedding import Counting


def test_what_postgres_cannot_take_is_left_out() -> None:
    assert fit(" a\x00b\ud800c\n") == "a b c"


@pytest.mark.parametrize("q", ["", "   ", "\x00", "\ud800"])
def test_a_query_of_nothing_is_refused(q: str) -> None:
    with pytest.raises(Invalid, match="Say what to search for"):
        fit(q)


async def test_the_latest_queries_are_remembered_and_no_more() -> None:
    embedder = Counting()
    vectors = QueryVectors(lambda _: embedder, remembered=2)
    for q in ("a", "bb", "a", "ccc", "a", "bb"):
        assert (await vectors.vector(q, "one"))[0] == len(q)
    assert embedder.asked == ["a", "bb", "ccc", "bb"]


async def test_nothing_is_remembered_if_told_so() -> None:
    embedder = Counting()
    vectors = QueryVectors(lambda _: embedder, remembered=0)
    await vectors.vector("a", "one")
    await vectors.vector("a", "one")
    assert embedder.asked == ["a", "a"]


async def test_embedders_are_not_mixed_up() -> None:
    found = {"one": Counting(), "other": Counting(times=2)}
    vectors = QueryVectors(found.__getitem__, remembered=10)
    assert [(await vectors.vector("a", model))[0] for model in ("one", "other", "one")] == [1, 2, 1]


async def test_an_embedder_that_cannot_is_told_of_in_words() -> None:
    def find(model: str) -> Counting:
        raise Invalid(f"There is no {model}.")

    with pytest.raises(Unembedded, match=r"by words alone.*There is no one"):
        await QueryVectors(find, remembered=10).vector("a", "one")
