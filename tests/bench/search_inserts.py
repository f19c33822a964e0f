"""What it costs to put one vector more into the index, as it grows."""

import time
from collections.abc import Callable, Sequence

import psycopg

from services.search.moments.vectors import HalfVector
from tests.bench.report import Comparison, Limit, Section
from tests.bench.rounds import spread
from tests.bench.search_library import Vectors
from tests.bench.search_platform import Filled

STEP = 10_000
"""Vectors between two points of the curve."""
OF_FILE = 50
"""Vectors of one transaction, as of a file."""
FLAT = 1.5
"""Most that the last step may cost, in the second: in the first, the index is all but empty."""
INSERT = "INSERT INTO embeddings (moment_id, model, embedding) VALUES (%s, %s, %s::halfvec)"


def section(library: Filled, report: Callable[[str], None]) -> Section:
    """Milliseconds of a vector, in each step of the curve; the index begins empty."""
    figures = {}
    with psycopg.connect(library.url) as connection:
        connection.execute("TRUNCATE embeddings")
        connection.commit()
        for begin in range(0, min(library.size.inserts, library.size.moments), STEP):
            cost = inserted(connection, library.made, range(begin, min(begin + STEP, library.size.moments)))
            figures[f"{begin:,} to {begin + STEP:,}"] = spread([cost])
            report(f"inserted {begin:,} to {begin + STEP:,}: {cost:.2f} ms each")
    return Section("Inserts into the index", "ms each", figures, growth([value.median for value in figures.values()]))


def growth(costs: Sequence[float]) -> list[Comparison]:
    """The last step beside the second; nothing where there are no more than two."""
    return [Comparison("last step / second", spread([costs[-1] / costs[1]]), FLAT, Limit.AT_MOST)] if len(costs) > 2 else []


def inserted(connection: psycopg.Connection, made: Vectors, places: range) -> float:
    """Milliseconds of each."""
    began = time.perf_counter()
    for begin in range(places.start, places.stop, OF_FILE):
        rows = [(at + 1, made.model, HalfVector.of(made.moments[at])) for at in range(begin, min(begin + OF_FILE, places.stop))]
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, rows)
        connection.commit()
    return (time.perf_counter() - began) * 1000 / len(places)
