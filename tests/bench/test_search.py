"""The search benchmark asks every side the same, and knows the truth."""

import asyncio
from contextlib import ExitStack, closing

import pytest

from services.search.filters import Wanted
from shared.database import Database
from shared.settings import PlatformSettings
from tests.bench.search import Spillway
from tests.bench.search_library import WIDTHS, fill, vectors
from tests.bench.search_peers import Hnswlib, PlainSql, SqliteVec

MOMENTS = 2000


def test_the_truth_keeps_to_the_filter() -> None:
    made = vectors(MOMENTS, 3)
    assert made.nearest(made.asked[0], "1 %", 50) <= set(range(1, 11)) | set(range(1001, 1011))
    assert len(made.nearest(made.asked[0], "all", 10)) == 10


def test_peers_in_this_process_find_the_nearest() -> None:
    pytest.importorskip("apsw", reason="the peers come with the benchmarks")
    made = vectors(MOMENTS, 3)
    exact, near = SqliteVec(made), Hnswlib(made)
    for asked in made.asked:
        truth = made.nearest(asked, "all", 10)
        assert exact.nearest(asked, 10) == truth
        assert len(near.nearest(asked, 10) & truth) >= 9


@pytest.mark.connected
def test_what_is_in_postgres_finds_the_nearest(database: Database, settings: PlatformSettings) -> None:
    made = vectors(MOMENTS, 3)
    url = settings.database_url.get_secret_value()
    with asyncio.Runner() as runner, ExitStack() as stack:
        own = Database(url, connections=1)
        runner.run(own.open())
        try:
            runner.run(fill(own, made))
            ours, plain = Spillway(runner, own), stack.enter_context(closing(PlainSql(url)))
            for asked in made.asked:
                truth = made.nearest(asked, "all", 10)
                assert len(ours.nearest(asked, 10) & truth) >= 9
                assert len(plain.nearest(asked, 10) & truth) >= 9
                for width in WIDTHS:
                    wanted = Wanted(family=(width,))
                    assert ours.nearest(asked, 50, wanted) >= made.nearest(asked, width, 5)
        finally:
            runner.run(own.close())
