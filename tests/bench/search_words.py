"""Search by words beside tantivy, over terms that change: one and the same would be answered out of caches."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from statistics import median

from services.search.moments.repository import PLACES
from tests.bench.report import Comparison, Limit, Section, compare, figures_of
from tests.bench.rounds import Figures, Side, interleave, ratio
from tests.bench.search_peers import PlainWords, Tantivy
from tests.bench.search_platform import Filled
from tests.bench.search_texts import terms, texts
from tests.bench.tally import Unequal

OURS, PLAIN, TANTIVY = "Spillway, by words, told", "plain SQL", "tantivy"
BESIDE_TANTIVY = 3.0
"""Most time of the index in Postgres, in that of tantivy."""


def section(library: Filled, report: Callable[[str], None]) -> Section:
    """Single words from common to rare, pairs, and phrases."""
    asked = terms(library.size.terms)
    tantivy = Tantivy(library.folder / "tantivy", texts(library.size.moments), PLACES)
    with closing(PlainWords(library.url, PLACES)) as plain:
        for query in asked:
            if bool(plain.found(query)) != bool(tantivy.found(query)):
                raise Unequal(f"Only one of plain SQL and tantivy finds something for {query}.")
        sides = [
            Side(OURS, partial(measure, asked, library.ours.found)),
            Side(PLAIN, partial(measure, asked, plain.found)),
            Side(TANTIVY, partial(measure, asked, tantivy.found)),
        ]
        measured = interleave(sides, library.size.rounds, report)
    comparisons = [
        compare(measured, "p50", PLAIN, TANTIVY, BESIDE_TANTIVY, Limit.AT_MOST),
        Comparison(f"slowest term, {PLAIN} / {TANTIVY}", ratio(measured, PLAIN, TANTIVY, "slowest")),
        compare(measured, "p50", OURS, PLAIN, None, Limit.AT_MOST),
    ]
    title = f"{len(asked)} terms in {library.size.moments:,} texts"
    return Section(title, "ms, median", figures_of(measured, "p50", list(measured)), comparisons)


def measure(asked: Sequence[str], ask: Callable[[str], object], _: int) -> Figures:
    """Milliseconds of the middle term, and of the slowest."""
    times = []
    for query in asked:
        began = time.perf_counter()
        ask(query)
        times.append((time.perf_counter() - began) * 1000)
    return {"p50": median(times), "slowest": max(times)}
