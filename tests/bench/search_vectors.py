"""Search by meaning alone: beside other indexes at the same recall, under filters, and by many clients at once."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from statistics import mean, median

from services.search.moments.filters import Wanted
from services.search.moments.repository import PLACES
from tests.bench.report import Comparison, Limit, Section, compare, figures_of
from tests.bench.rounds import Figures, Side, figure, interleave
from tests.bench.search_library import WIDTHS, Vectors
from tests.bench.search_peers import NEAREST, Asked, Index, PlainSql, SqliteVec, narrowest
from tests.bench.search_platform import Filled

OURS, PLAIN, HNSWLIB, SQLITE_VEC = "Spillway, 50 hits told", "plain SQL", "hnswlib", "sqlite-vec"
RECALL = 0.95
BESIDE_HNSWLIB = 3.5
"""Most time of the index in Postgres, in that of the one in this process."""
BESIDE_SQLITE_VEC = 20.0
"""Least time of sqlite-vec, in that of the index in Postgres."""

Asking = Callable[[Asked], set[int]]


def beside(library: Filled, report: Callable[[str], None]) -> Section:
    """The ten nearest of all by each, the indexes as broad as it takes to find enough of them."""
    made, rounds = library.made, library.size.rounds
    truth = truth_of(made, "all", NEAREST)
    near = library.hnswlib
    with closing(PlainSql(library.url, made, NEAREST)) as plain:
        indexes: dict[str, Index] = {PLAIN: plain, HNSWLIB: near}
        breadths = {
            name: narrowest(index, partial(recall_of, made, truth, index.nearest), RECALL) for name, index in indexes.items()
        }
        asks: dict[str, Asking] = {
            OURS: partial(library.ours.best, limit=NEAREST),
            PLAIN: plain.nearest,
            HNSWLIB: near.nearest,
            SQLITE_VEC: SqliteVec(made, NEAREST).nearest,
        }
        sides = [Side(name, partial(measure, made, truth, ask)) for name, ask in asks.items()]
        measured = interleave(sides, rounds, report)
    comparisons = [
        compare(measured, "p50", PLAIN, HNSWLIB, BESIDE_HNSWLIB, Limit.AT_MOST),
        compare(measured, "p50", SQLITE_VEC, PLAIN, BESIDE_SQLITE_VEC, Limit.AT_LEAST),
        compare(measured, "p50", SQLITE_VEC, OURS, None, Limit.AT_LEAST),
        *(Comparison(f"recall of {name}", figure(measured, name, "recall"), RECALL) for name in asks),
    ]
    notes = [f"{name} keeps {breadth} candidates" for name, breadth in breadths.items()]
    title = f"The ten nearest of {len(made.moments):,} {library.kind} vectors"
    return Section(title, "ms, median", figures_of(measured, "p50", list(measured)), comparisons, notes)


def filtered(library: Filled, report: Callable[[str], None]) -> Section:
    """Every hit under filters that fewer and fewer files fit."""
    made = library.made
    sides = []
    for width in WIDTHS:
        ask = partial(library.ours.nearest, wanted=Wanted() if width == "all" else Wanted(family=(width,)))
        sides.append(Side(width, partial(measure, made, truth_of(made, width, PLACES), ask)))
    measured = interleave(sides, library.size.rounds, report)
    recalls = [Comparison(f"recall, {width} of the files", figure(measured, width, "recall"), RECALL) for width in WIDTHS]
    title = f"Under a filter, {library.kind} vectors"
    return Section(title, "ms, median", figures_of(measured, "p50", list(WIDTHS)), recalls)


def together(library: Filled, report: Callable[[str], None]) -> Section:
    """Questions a second of many clients at once; each has a connection of its own."""
    made, clients = library.made, library.size.clients
    near = library.hnswlib
    truth = truth_of(made, "all", NEAREST)
    with ExitStack() as stack:
        plain = [stack.enter_context(closing(PlainSql(library.url, made, NEAREST))) for _ in range(clients)]
        breadth = narrowest(plain[0], partial(recall_of, made, truth, plain[0].nearest), RECALL)
        for index in plain:
            index.widen(breadth)
        narrowest(near, partial(recall_of, made, truth, near.nearest), RECALL)
        sides = [
            Side(PLAIN, partial(at_once, made, [index.nearest for index in plain])),
            Side(HNSWLIB, partial(at_once, made, [near.nearest] * clients)),
        ]
        measured = interleave(sides, library.size.rounds, report)
    comparison = compare(measured, "rate", HNSWLIB, PLAIN, None, Limit.AT_MOST)
    title = f"{clients} clients, {library.kind} vectors"
    return Section(title, "questions a second", figures_of(measured, "rate", list(measured)), [comparison])


def truth_of(made: Vectors, width: str, limit: int) -> list[set[int]]:
    """The nearest of each question."""
    return [made.nearest(asked, width, limit) for asked in made.asked]


def recall_of(made: Vectors, truth: Sequence[set[int]], ask: Asking) -> float:
    """The share of the truth that is found."""
    return mean(len(ask(asked) & known) / len(known) for asked, known in zip(made.asked, truth, strict=True))


def measure(made: Vectors, truth: Sequence[set[int]], ask: Asking, _: int) -> Figures:
    """Median milliseconds of a question, and the share of the truth that was found."""
    times, shares = [], []
    for asked, known in zip(made.asked, truth, strict=True):
        began = time.perf_counter()
        found = ask(asked)
        times.append((time.perf_counter() - began) * 1000)
        shares.append(len(found & known) / len(known))
    return {"p50": median(times), "recall": mean(shares)}


def at_once(made: Vectors, asks: Sequence[Asking], _: int) -> Figures:
    """Questions a second, all of them asked by each client."""

    def ask_all(ask: Asking) -> None:
        for asked in made.asked:
            ask(asked)

    with ThreadPoolExecutor(len(asks)) as pool:
        began = time.perf_counter()
        for done in [pool.submit(ask_all, ask) for ask in asks]:
            done.result()
        return {"rate": len(asks) * len(made.asked) / (time.perf_counter() - began)}
