"""The search benchmark asks every side the same, and knows the truth."""

import asyncio
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from services.search.moments.filters import Wanted
from shared.database import Database
from shared.settings import PlatformSettings
from tests.bench.search_inserts import growth
from tests.bench.search_library import WIDTHS, Kind, Vectors, fill, vectors
from tests.bench.search_peers import BREADTHS, NEAREST, Hnswlib, PlainSql, PlainWords, SqliteVec, Tantivy, narrowest
from tests.bench.search_platform import Spillway
from tests.bench.search_texts import misspelt, terms, texts, word

MOMENTS = 2000


@pytest.fixture(scope="module")
def made() -> Vectors:
    return vectors(Kind.CLUSTERED, MOMENTS, 3)


def test_the_truth_keeps_to_the_filter(made: Vectors) -> None:
    assert made.nearest(made.asked[0], "1 %", 50) <= set(range(1, 11)) | set(range(1001, 1011))
    assert len(made.nearest(made.asked[0], "all", NEAREST)) == NEAREST


def test_the_truth_is_the_nearest(made: Vectors) -> None:
    far = np.argsort(-(made.moments @ made.asked[0]))
    assert made.nearest(made.asked[0], "all", NEAREST) == {int(at) + 1 for at in far[:NEAREST]}


@pytest.mark.parametrize("kind", Kind)
def test_vectors_are_of_length_one_and_the_same_in_every_run(kind: Kind) -> None:
    one, other = vectors(kind, 100, 2, 32), vectors(kind, 100, 2, 32)
    assert np.array_equal(one.moments, other.moments)
    assert np.allclose(np.linalg.norm(one.moments, axis=1), 1)
    assert one.dimensions == 32


def test_terms_are_different_and_some_text_has_what_is_common() -> None:
    asked = terms(40)
    said = " ".join(texts(1000)).split()
    assert len(set(asked)) == 40
    assert asked[0] in said
    assert list(texts(3)) == list(texts(1000))[:3]


def test_words_spell_their_place() -> None:
    assert word(0) == "babababa"
    assert len({word(place) for place in range(20_000)}) == 20_000
    assert misspelt("dokelimu") == "doeklimu"


class Widening:
    def __init__(self) -> None:
        self.breadth = 0

    def widen(self, breadth: int) -> None:
        self.breadth = breadth

    def nearest(self, asked: object) -> set[int]:
        raise NotImplementedError


@pytest.mark.parametrize(("enough_from", "kept"), [(0, BREADTHS[0]), (60, 60), (10**6, BREADTHS[-1])])
def test_an_index_is_as_broad_as_it_must_be(enough_from: int, kept: int) -> None:
    index = Widening()
    assert narrowest(index, lambda: 0.96 if index.breadth >= enough_from else 0.9, 0.95) == kept
    assert index.breadth == kept


@pytest.mark.parametrize(("costs", "ratio"), [([1.0], None), ([1.0, 2.0], None), ([1.0, 2.0, 3.0], 1.5)])
def test_the_last_step_is_compared_with_the_second(costs: list[float], ratio: float | None) -> None:
    assert [comparison.value.median for comparison in growth(costs)] == ([] if ratio is None else [ratio])


def test_peers_in_this_process_find_the_nearest(made: Vectors) -> None:
    pytest.importorskip("apsw", reason="the peers come with the benchmarks")
    exact, near = SqliteVec(made, NEAREST), Hnswlib(made, NEAREST)
    near.widen(100)
    for asked in made.asked:
        truth = made.nearest(asked, "all", NEAREST)
        assert exact.nearest(asked) == truth
        assert len(near.nearest(asked) & truth) >= 9


@pytest.mark.connected
def test_what_is_in_postgres_finds_the_nearest(
    database: Database, settings: PlatformSettings, made: Vectors, tmp_path: Path
) -> None:
    pytest.importorskip("tantivy", reason="the peers come with the benchmarks")
    url = settings.database_url.get_secret_value()
    with asyncio.Runner() as runner, ExitStack() as stack:
        own = Database(url, connections=1)
        runner.run(own.open())
        stack.callback(lambda: runner.run(own.close()))
        runner.run(fill(own, made))
        ours = Spillway(runner, own, made)
        plain = stack.enter_context(closing(PlainSql(url, made, NEAREST)))
        for asked in made.asked:
            truth = made.nearest(asked, "all", NEAREST)
            assert len(ours.best(asked, NEAREST) & truth) >= 9
            assert len(plain.nearest(asked) & truth) >= 9
            for width in WIDTHS:
                assert ours.nearest(asked, Wanted(family=(width,))) >= made.nearest(asked, width, 5)
        words, tantivy = (
            stack.enter_context(closing(PlainWords(url, MOMENTS))),
            Tantivy(tmp_path / "t", texts(MOMENTS), MOMENTS),
        )
        for query in terms(12):
            assert set(words.found(query)) == set(tantivy.found(query))
