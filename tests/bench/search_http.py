"""Search over HTTP, by words, names and meaning at once: what it adds to the statement, and how slow the slowest are."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median, quantiles
from urllib.parse import quote

import psycopg

from cli.local.ports import HOST
from services.search.moments.vectors import HalfVector
from shared.minilm import MiniLM
from tests.bench.gateway_process import Serving, gateway
from tests.bench.http_load import Load, loaded
from tests.bench.report import Comparison, Limit, Section, figures_of
from tests.bench.rounds import Figures, Side, figure, interleave, spread
from tests.bench.search_library import Vectors
from tests.bench.search_peers import Asked
from tests.bench.search_platform import Filled
from tests.bench.search_texts import misspelt, terms, word
from tests.bench.tally import Unequal

STATEMENT, HTTP, WHILE_INGESTING = "the statement", "over HTTP", "over HTTP, while vectors go in"
ADDED = 3.0
"""Most milliseconds that HTTP may add to the statement."""
SECONDS = 5.0
TYPO_EVERY = 5
"""Of so many terms, one is asked for misspelt too."""
LARGE, MOST, MOST_LARGE = 500_000, 50.0, 150.0
"""From how many moments on a library is large; the most milliseconds of the slowest hundredth in a smaller one, and in it."""
INSERT = """
    WITH moment AS (
        INSERT INTO moments (file_id, revision, field, start_s, end_s, text)
        SELECT file_id, revision, field, start_s, end_s, text FROM moments WHERE id = %(like)s RETURNING id
    )
    INSERT INTO embeddings (moment_id, model, embedding) SELECT id, %(model)s, %(vector)s::halfvec FROM moment
"""


def section(library: Filled, report: Callable[[str], None]) -> Section:
    """Terms in turn, by one client; their vectors are remembered after the first time."""
    asked = terms(library.size.terms)
    asked += [misspelt(word(place)) for place in range(0, len(asked), TYPO_EVERY)]
    meant = MiniLM().embed_now(asked)
    with gateway(library.environment, library.folder) as serving:
        paths = [f"/api/search?q={quote(query)}&threshold=-1" for query in asked]
        for path in paths:
            serving.get(path)
        sides = [
            Side(STATEMENT, partial(by_statement, library, asked, meant)),
            Side(HTTP, partial(over_http, serving, paths)),
            Side(WHILE_INGESTING, partial(while_ingesting, library, serving, paths)),
        ]
        measured = interleave(sides, library.size.rounds, report)
    pairs = zip(measured[HTTP], measured[STATEMENT], strict=True)
    bar = MOST_LARGE if library.size.moments >= LARGE else MOST
    comparisons = [
        Comparison("ms that HTTP adds", spread([over["p50"] - alone["p50"] for over, alone in pairs]), ADDED, Limit.AT_MOST),
        Comparison("p99 over HTTP, ms", figure(measured, HTTP, "p99"), bar, Limit.AT_MOST),
        Comparison("p99 while vectors go in, ms", figure(measured, WHILE_INGESTING, "p99"), None, Limit.AT_MOST),
    ]
    title = f"{len(asked)} terms, some misspelt, by everything, in {library.size.moments:,} moments"
    return Section(title, "ms, median", figures_of(measured, "p50", list(measured)), comparisons)


def by_statement(library: Filled, asked: Sequence[str], meant: Asked, _: int) -> Figures:
    """Milliseconds of the statement, and of reading what it finds."""
    times = []
    for query, vector in zip(asked, meant, strict=True):
        began = time.perf_counter()
        library.ours.found(query, vector)
        times.append((time.perf_counter() - began) * 1000)
    return {"p50": median(times)}


def over_http(serving: Serving, paths: Sequence[str], _: int) -> Figures:
    """Milliseconds of an answer, and of the slowest hundredth; raises Unequal if one was no success."""
    answered = loaded(Load(HOST, serving.port, 1, SECONDS, paths, serving.headers))
    if answered.errors:
        raise Unequal(f"{answered.errors} searches were no success.")
    times = [time for of_kind in answered.milliseconds.values() for time in of_kind]
    percentiles = quantiles(times, n=100)
    return {"p50": percentiles[49], "p99": percentiles[98]}


def while_ingesting(library: Filled, serving: Serving, paths: Sequence[str], number: int) -> Figures:
    """The same, while moments are added as fast as one connection can."""
    over = threading.Event()
    writer = threading.Thread(target=keep_inserting, args=(library.url, library.made, over))
    writer.start()
    try:
        return over_http(serving, paths, number)
    finally:
        over.set()
        writer.join()


def keep_inserting(url: str, made: Vectors, over: threading.Event) -> None:
    """Add moments like those that are there until told to stop."""
    with psycopg.connect(url, autocommit=True) as connection:
        at = 0
        while not over.is_set():
            at = at % len(made.moments) + 1
            vector = HalfVector.of(made.moments[at - 1])
            connection.execute(INSERT, {"like": at, "model": made.model, "vector": vector})
