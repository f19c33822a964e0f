"""Queries are made fit, and their vectors remembered."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from services.search.queries import QueryVectors, fit
from shared.errors import Invalid


class Counting:
    """An embedder that counts what it is asked for."""

    model = "counting"
    dimensions = 1

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return np.array([[len(text)] for text in texts], dtype=np.float32)


def test_what_postgres_cannot_take_is_left_out() -> None:
    assert fit(" a\x00b\ud800c\n") == "a b c"


@pytest.mark.parametrize("q", ["", "   ", "\x00", "\ud800"])
def test_a_query_of_nothing_is_refused(q: str) -> None:
    with pytest.raises(Invalid, match="Say what to search for"):
        fit(q)


async def test_the_latest_queries_are_remembered_and_no_more() -> None:
    embedder = Counting()
    vectors = QueryVectors(embedder, remembered=2)
    for q in ("a", "bb", "a", "ccc", "a", "bb"):
        assert (await vectors.vector(q))[0] == len(q)
    assert embedder.asked == ["a", "bb", "ccc", "bb"]


async def test_nothing_is_remembered_if_told_so() -> None:
    embedder = Counting()
    vectors = QueryVectors(embedder, remembered=0)
    await vectors.vector("a")
    await vectors.vector("a")
    assert embedder.asked == ["a", "a"]
