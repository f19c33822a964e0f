"""`./spillway bench list`: the list of files beside Litestar, FastAPI with response_model, and psycopg alone.

All are asked for the same pages over 32 connections by one client, on the same server (granian, one process each). Ours has
all that stands before its routes: guard, key, limits, tags; the others have nothing. The floor is the statement of ours on
one connection, without HTTP.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import psycopg

from cli.local.ports import HOST
from services.search.files import library
from services.search.http import cursors
from shared.migrate import migrate
from shared.selection import Filter
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.gateway_process import Serving, gateway, peer
from tests.bench.http_load import Load, loaded
from tests.bench.list_peers import APPS, as_ours
from tests.bench.list_rows import cursor_of, fill
from tests.bench.report import Comparison, Limit, Report, Section, compare, figures_of
from tests.bench.rounds import Figures, Side, interleave, spread
from tests.bench.tally import Unequal
from tests.support.stack import embedded, platform_settings

OURS, LITESTAR, FASTAPI, FLOOR = "Spillway", "Litestar", "FastAPI", "psycopg alone"
BESIDE_LITESTAR, BESIDE_FASTAPI, BESIDE_FLOOR = 1.0, 1.5, 0.6
FAR = 1.2
"""Most time of the last page, in that of the first."""
ROWS, FEW_ROWS = 50, 10
"""Files of a page, and of one of ten thousand pages."""
PAGES = 200
"""Different ones that are asked for."""
CONNECTIONS = 32
TAIL = 4.0
"""Most that the 99th percentile may be, in the median."""
PACKAGES = ("granian", "fastapi", "litestar", "psycopg")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    files: int = 100_000
    seconds: int = 4
    rounds: int = 5


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Fill a platform of its own, start every side, and measure."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        environment = stack.enter_context(embedded(folder / "platform"))
        settings = platform_settings(environment)
        url = settings.database_url.get_secret_value()
        asyncio.run(migrate(settings))
        report(f"filling in {size.files} files")
        with psycopg.connect(url) as connection:
            fill(connection, size.files)
        ours = stack.enter_context(gateway(environment, folder))
        paths = {OURS: our_paths(size.files), **{name: peer_paths(size.files) for name in APPS}}
        serving = {OURS: ours}
        serving |= {name: stack.enter_context(peer(name, environment, folder, paths[name][0])) for name in APPS}
        same(serving, paths)
        sections = [over_http(size, url, serving, paths, report), by_page(size, ours, report)]
    return Report("list", {**vars(size), **conditions(PACKAGES)}, sections)


def over_http(
    size: Size, url: str, serving: Mapping[str, Serving], paths: Mapping[str, Sequence[str]], report: Callable[[str], None]
) -> Section:
    """Pages a second of each side, and how even they come."""
    sides = [Side(name, partial(asked_often, side, paths[name], size.seconds)) for name, side in serving.items()]
    measured = interleave([*sides, Side(FLOOR, partial(floor, url, size))], size.rounds, report)
    tails = [figures["p99"] / figures["p50"] for figures in measured[OURS]]
    comparisons = [
        compare(measured, "rate", OURS, LITESTAR, BESIDE_LITESTAR, Limit.AT_LEAST),
        compare(measured, "rate", OURS, FASTAPI, BESIDE_FASTAPI, Limit.AT_LEAST),
        compare(measured, "rate", OURS, FLOOR, BESIDE_FLOOR, Limit.AT_LEAST),
        Comparison("p99 / p50 of Spillway", spread(tails), TAIL, Limit.AT_MOST),
    ]
    return Section(f"Pages of {ROWS} files", "pages a second", figures_of(measured, "rate", list(measured)), comparisons)


def by_page(size: Size, ours: Serving, report: Callable[[str], None]) -> Section:
    """The first page beside the last of as many as there are, one request at a time."""
    last = size.files // FEW_ROWS
    first_path, last_path = (f"/api/files?limit={FEW_ROWS}&cursor={cursor_of(at, FEW_ROWS, size.files)}" for at in (2, last))
    sides = [
        Side("page 1, counted", partial(asked_once_at_a_time, ours, f"/api/files?limit={FEW_ROWS}")),
        Side("page 2", partial(asked_once_at_a_time, ours, first_path)),
        Side(f"page {last:,}", partial(asked_once_at_a_time, ours, last_path)),
    ]
    measured = interleave(sides, size.rounds, report)
    comparisons = [
        compare(measured, "p50", f"page {last:,}", "page 1, counted", FAR, Limit.AT_MOST),
        compare(measured, "p50", f"page {last:,}", "page 2", FAR, Limit.AT_MOST),
    ]
    return Section(f"Pages of {FEW_ROWS} files", "ms, median", figures_of(measured, "p50", list(measured)), comparisons)


def our_paths(files: int) -> list[str]:
    """Pages all over the library, as a client of ours asks for them."""
    return [f"/api/files?limit={ROWS}&cursor={cursor_of(page, ROWS, files)}" for page in pages(files)]


def peer_paths(files: int) -> list[str]:
    """The same pages for the others."""
    return [f"/api/files?limit={ROWS}&before={cursors.read(cursor_of(page, ROWS, files)).last}" for page in pages(files)]


def pages(files: int) -> list[int]:
    """The same in every run."""
    return random.Random(1).choices(range(2, files // ROWS + 1), k=PAGES)


def same(serving: Mapping[str, Serving], paths: Mapping[str, Sequence[str]]) -> None:
    """Raise Unequal unless all sides tell the same files."""
    told = {name: as_ours(side.get(paths[name][0]).content) for name, side in serving.items()}
    if any(files != told[OURS] for files in told.values()) or len(told[OURS]) != ROWS:
        raise Unequal(f"The sides tell different files: {told}")


def asked_often(side: Serving, paths: Sequence[str], seconds: float, _: int) -> Figures:
    """Pages a second over many connections, and their times; raises Unequal if one was no success."""
    answered = loaded(Load(HOST, side.port, CONNECTIONS, seconds, paths, side.headers))
    times = [time for of_kind in answered.milliseconds.values() for time in of_kind]
    if answered.errors:
        raise Unequal(f"{answered.errors} of {len(times)} answers were no success.")
    percentiles = quantiles(times, n=100)
    return {"rate": len(times) / answered.seconds, "p50": percentiles[49], "p99": percentiles[98]}


def asked_once_at_a_time(side: Serving, path: str, _: int) -> Figures:
    """Median milliseconds of a page."""
    answered = loaded(Load(HOST, side.port, 1, 1.0, [path], side.headers))
    return {"p50": median(next(iter(answered.milliseconds.values())))}


def floor(url: str, size: Size, _: int) -> Figures:
    """Pages a second of our statement on one connection, one after another."""
    last = [cursors.read(cursor_of(page, ROWS, size.files)).last for page in pages(size.files)]
    statement, values = library.page_statement(Filter(), ROWS, is_first=False)
    with psycopg.connect(url, autocommit=True) as connection:
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < size.seconds:
            connection.execute(statement, {**values, "before": last[done % len(last)]}).fetchone()
            done += 1
        return {"rate": done / (time.perf_counter() - began)}


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("list", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
