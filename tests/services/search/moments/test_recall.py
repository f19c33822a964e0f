"""The nearest by meaning are found whatever share of the files fits a filter; vectors are hard to tell apart."""

from collections.abc import AsyncIterator
from functools import cache
from statistics import mean

import numpy as np
import pytest
from numpy.typing import NDArray

from services.search.moments import comparing, tuning
from services.search.moments.comparing import worth_comparing
from services.search.moments.filters import Wanted
from services.search.moments.grammar import Asked
from services.search.moments.repository import PLACES, Meaning, Question, find_hits
from services.search.moments.vectors import HalfVector
from shared.database import Connection, Database
from shared.minilm import DIMENSIONS, MODEL
from shared.settings import PlatformSettings
from tests.bench.search_library import WIDTHS, Kind, Vectors, fill, vectors

MOMENTS, ASKED = 12_000, 20
"""Of what the index finds at first, a tenth is too few."""
SCANNED = 2000
"""Vectors after which the index gives up here: among so few, it would come to look at all of them otherwise."""
INDEXED, FEWEST = 2.0, 1000
"""What a candidate of the index is taken to cost here, and how many are always compared: a tenth is left to the index."""
RECALL = 0.95


@pytest.fixture
async def connection(
    database: Database, settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connection]:
    """One of its own, to a library whose index gives up early, and whose planner takes the index wherever it can."""
    monkeypatch.setitem(tuning.SETTINGS, "hnsw.max_scan_tuples", SCANNED)
    monkeypatch.setitem(tuning.SETTINGS, "enable_sort", "off")
    monkeypatch.setattr(comparing, "COMPARISONS", INDEXED)
    monkeypatch.setattr(comparing, "FEWEST", FEWEST)
    own = Database(settings.database_url.get_secret_value(), connections=1)
    await own.open()
    try:
        await fill(own, library())
        async with own.connection() as connection:
            yield connection
    finally:
        await own.close()


@cache
def library() -> Vectors:
    return vectors(Kind.HARD, MOMENTS, ASKED)


async def nearest(connection: Connection, asked: NDArray[np.float32], wanted: Wanted) -> set[int]:
    meaning = Meaning(HalfVector.of(asked), MODEL, DIMENSIONS, -1.0)
    return {hit.id for hit in (await find_hits(connection, Question(Asked(), wanted), meaning)).hits}


async def recall(connection: Connection, width: str) -> float:
    made, wanted = library(), Wanted() if width == "all" else Wanted(family=(width,))
    shares = []
    for asked in made.asked:
        truth = made.nearest(asked, width, PLACES)
        shares.append(len(await nearest(connection, asked, wanted) & truth) / len(truth))
    return mean(shares)


@pytest.mark.connected
@pytest.mark.timeout(120)
async def test_the_nearest_are_found_at_every_selectivity(connection: Connection) -> None:
    found = {width: await recall(connection, width) for width in WIDTHS}
    assert min(found.values()) >= RECALL, found
    assert found["1 %"] == found["0.1 %"] == 1.0  # each of them was compared


def test_a_tenth_is_found_by_the_index_and_a_hundredth_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "COMPARISONS", INDEXED)
    monkeypatch.setattr(comparing, "FEWEST", FEWEST)
    few = worth_comparing(MOMENTS, PLACES)
    assert MOMENTS / WIDTHS["10 %"] > few > MOMENTS / WIDTHS["1 %"]


@pytest.mark.parametrize(("vectors", "most"), [(0, 2000), (20_000, 4472), (100_000, 10_000), (1_000_000, 31_623)])
def test_more_are_compared_where_the_index_is_larger(vectors: int, most: int) -> None:
    assert worth_comparing(vectors, PLACES) == most
