"""`./spillway bench search`: search by meaning beside hnswlib, sqlite-vec and plain SQL, and its recall under filters.

All sides have the same vectors and are asked the same questions, one after another, by one client. A time without its recall
says nothing, so both are told; the truth is had by comparing every vector.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.search.filters import Wanted
from services.search.grammar import Asked
from services.search.repository import Meaning, Question, find_hits
from shared.database import Database
from shared.migrate import migrate
from shared.minilm import DIMENSIONS, MODEL
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.report import Comparison, Limit, Report, Section, compare, figures_of
from tests.bench.rounds import Figures, Side, figure, interleave
from tests.bench.search_library import WIDTHS, Vectors, fill, literal, vectors
from tests.bench.search_peers import Hnswlib, PlainSql, SqliteVec
from tests.support.stack import embedded, platform_settings

OURS, PLAIN, HNSWLIB, SQLITE_VEC = "Spillway", "plain SQL", "hnswlib", "sqlite-vec"
NEAREST = 10
"""Answers that are compared with the truth where there are peers; under filters it is every hit."""
HITS = 50
RECALL = 0.95
BESIDE_HNSWLIB = 3.5
"""Most time of the index in Postgres, in that of the one in this process."""
BESIDE_SQLITE_VEC = 20.0
"""Least time of sqlite-vec, in that of the index in Postgres."""
PACKAGES = ("hnswlib", "sqlite-vec", "apsw", "psycopg")

Asking = Callable[[NDArray[np.float32]], set[int]]


class Peer(Protocol):
    """Something that finds vectors."""

    def nearest(self, asked: NDArray[np.float32], limit: int) -> set[int]:
        """Ids of the nearest, or of about the nearest."""
        ...


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    moments: int = 100_000
    asked: int = 50
    rounds: int = 5


class Spillway:
    """The whole statement by which the gateway answers, the texts of the hits included."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        self._runner = runner
        self._database = database

    def nearest(self, asked: NDArray[np.float32], limit: int, wanted: Wanted | None = None) -> set[int]:
        """Ids of the best hits by meaning."""
        return self._runner.run(self._found(asked, limit, wanted or Wanted()))

    async def _found(self, asked: NDArray[np.float32], limit: int, wanted: Wanted) -> set[int]:
        meaning = Meaning(literal(asked), MODEL, DIMENSIONS, -1.0)
        async with self._database.connection() as connection:
            hits = (await find_hits(connection, Question(Asked(), wanted), meaning)).hits
        return {hit.id for hit in sorted(hits, key=lambda hit: -(hit.similarity or 0.0))[:limit]}


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Fill a platform of its own, and measure."""
    made = vectors(size.moments, size.asked)
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded(Path(folder)) as environment,
        asyncio.Runner() as runner,
    ):
        settings = platform_settings(environment)
        url = settings.database_url.get_secret_value()
        database = Database(url, connections=1)
        runner.run(migrate(settings))
        runner.run(database.open())
        try:
            report(f"filling in {size.moments} moments")
            runner.run(fill(database, made))
            ours = Spillway(runner, database)
            with closing(PlainSql(url)) as plain:
                sections = [beside_peers(size, made, ours, plain, report), filtered(size, made, ours, report)]
        finally:
            runner.run(database.close())
    return Report("search", {**vars(size), **conditions(PACKAGES)}, sections)


def beside_peers(size: Size, made: Vectors, ours: Spillway, plain: PlainSql, report: Callable[[str], None]) -> Section:
    """The ten nearest of all, by each."""
    peers: dict[str, Peer] = {OURS: ours, PLAIN: plain, HNSWLIB: Hnswlib(made), SQLITE_VEC: SqliteVec(made)}
    truth = [made.nearest(asked, "all", NEAREST) for asked in made.asked]
    sides = [Side(name, partial(measure, made, truth, partial(peer.nearest, limit=NEAREST))) for name, peer in peers.items()]
    measured = interleave(sides, size.rounds, report)
    comparisons = [
        compare(measured, "p50", PLAIN, HNSWLIB, BESIDE_HNSWLIB, Limit.AT_MOST),
        compare(measured, "p50", SQLITE_VEC, PLAIN, BESIDE_SQLITE_VEC, Limit.AT_LEAST),
        compare(measured, "p50", SQLITE_VEC, OURS, None, Limit.AT_LEAST),
        *(Comparison(f"recall of {name}", figure(measured, name, "recall"), RECALL) for name in peers),
    ]
    return Section("The ten nearest moments", "ms, median", figures_of(measured, "p50", list(measured)), comparisons)


def filtered(size: Size, made: Vectors, ours: Spillway, report: Callable[[str], None]) -> Section:
    """Every hit under filters that fewer and fewer files fit."""
    sides = [
        Side(
            width,
            partial(
                measure,
                made,
                [made.nearest(asked, width, HITS) for asked in made.asked],
                partial(ours.nearest, limit=HITS, wanted=Wanted(family=(width,))),
            ),
        )
        for width in WIDTHS
    ]
    measured = interleave(sides, size.rounds, report)
    recalls = [Comparison(f"recall, {width} of the files", figure(measured, width, "recall"), RECALL) for width in WIDTHS]
    return Section("Under a filter", "ms, median", figures_of(measured, "p50", list(WIDTHS)), recalls)


def measure(made: Vectors, truth: Sequence[set[int]], ask: Asking, _: int) -> Figures:
    """Median milliseconds of a question, and the share of the truth that was found."""
    times, shares = [], []
    for asked, known in zip(made.asked, truth, strict=True):
        began = time.perf_counter()
        found = ask(asked)
        times.append((time.perf_counter() - began) * 1000)
        shares.append(len(found & known) / len(known))
    return {"p50": median(times), "recall": mean(shares)}


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("search", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
