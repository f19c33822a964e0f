"""`./spillway bench load`: lists and searches mixed, over 32 connections at once, for a minute.

Every other search is one that nobody asked before, so that its vector is made too. What counts is that no answer fails, that
the slowest are not much slower than the usual ones, and that memory stays.
"""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

import numpy as np
import psutil
import psycopg

from cli.local.ports import HOST
from shared.database import Database
from shared.migrate import migrate
from shared.settings import PlatformSettings
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.gateway_process import Serving, gateway
from tests.bench.http_load import Load, loaded
from tests.bench.list_rows import cursor_of, process
from tests.bench.report import Comparison, Limit, Report, Section
from tests.bench.rounds import Figures, Measured, Side, Spread, figure, interleave, spread
from tests.bench.search_library import PER_FILE, Kind, fill, vectors
from tests.bench.search_texts import terms
from tests.support.stack import embedded, platform_settings

LIST, SEARCH = "/api/files", "/api/search"
KINDS = ("all", "list", "search")
CONNECTIONS = 32
TAIL = 4.0
"""Most that the 99th percentile may be, in the median."""
GROWTH = 1.05
"""Most memory after a minute, in that of its first quarter."""
ROWS = 50
FRESH, AGAIN = 4000, 40
"""Searches that are asked once, and such as come again."""
WARM_UP = 5
LOOK_EVERY = 0.5
MIB = 1 << 20
PACKAGES = ("granian", "fastapi", "psycopg", "onnxruntime")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    moments: int = 100_000
    seconds: int = 60
    rounds: int = 1


class Memory(threading.Thread):
    """Looks at how much memory a process has, until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._over = threading.Event()
        self.seen: list[float] = []

    def run(self) -> None:
        """Look."""
        while not self._over.wait(LOOK_EVERY):
            self.seen.append(self._process.memory_info().rss / MIB)

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self.join()


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Fill a platform of its own, start the gateway, and ask."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        environment = stack.enter_context(embedded(folder / "platform"))
        settings = platform_settings(environment)
        report(f"filling in {size.moments} moments")
        asyncio.run(prepared(settings, size.moments))
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            process(connection)
        serving = stack.enter_context(gateway(environment, folder))
        paths = mixed(size.moments // PER_FILE)
        loaded(Load(HOST, serving.port, CONNECTIONS, WARM_UP, paths[:AGAIN], serving.headers))
        sides = [Side("Spillway", partial(under_load, serving, paths, size.seconds))]
        measured = interleave(sides, size.rounds, report)
    return Report("load", {**vars(size), **conditions(PACKAGES)}, [told(measured)])


async def prepared(settings: PlatformSettings, moments: int) -> None:
    """An empty platform with the library in it."""
    await migrate(settings)
    database = Database(settings.database_url.get_secret_value(), connections=1)
    await database.open()
    try:
        await fill(database, vectors(Kind.CLUSTERED, moments, 1))
    finally:
        await database.close()


def mixed(files: int) -> list[str]:
    """What is asked in turn: a page of the list, a search that comes again, another page, a search that nobody asked before."""
    random = np.random.default_rng(4)
    again, fresh = terms(AGAIN), terms(FRESH + AGAIN)[AGAIN:]
    found = []
    for at, query in enumerate(fresh):
        found += [page(random, files), searched(again[at % AGAIN]), page(random, files), searched(f"{query} {at}")]
    return found


def page(random: np.random.Generator, files: int) -> str:
    """Any page of the list."""
    return f"{LIST}?limit={ROWS}&cursor={cursor_of(int(random.integers(2, files // ROWS)), ROWS, files)}"


def searched(query: str) -> str:
    """A search by words and by meaning, which finds as much by meaning as there is."""
    return f"{SEARCH}?q={quote(query)}&threshold=-1"


def under_load(serving: Serving, paths: Sequence[str], seconds: float, _: int) -> Figures:
    """Times in milliseconds of all and of each kind, errors, and memory in MiB at first and at last."""
    memory = Memory(serving.pid)
    memory.start()
    try:
        answered = loaded(Load(HOST, serving.port, CONNECTIONS, seconds, paths, serving.headers))
    finally:
        memory.stop()
    everything = [time for times in answered.milliseconds.values() for time in times]
    figures = {"rate": len(everything) / answered.seconds, "errors": float(answered.errors)}
    for name, times in (("all", everything), ("list", answered.milliseconds[LIST]), ("search", answered.milliseconds[SEARCH])):
        percentiles = quantiles(times, n=100)
        figures |= {f"{name} p50": percentiles[49], f"{name} p99": percentiles[98]}
    first = memory.seen[len(memory.seen) // 8 : len(memory.seen) // 4]
    last = memory.seen[-len(memory.seen) // 8 :]
    return {**figures, "memory at first": max(first), "memory at last": max(last)}


def told(measured: Measured) -> Section:
    """The bars."""
    every = measured["Spillway"]
    figures = {name: figure(measured, "Spillway", name) for name in every[0]}
    comparisons = [
        Comparison("answers that failed", figures["errors"], 0.0, Limit.AT_MOST),
        *(
            Comparison(f"p99 / p50, {name}", divided(every, f"{name} p99", f"{name} p50"), TAIL, Limit.AT_MOST)
            for name in KINDS
        ),
        Comparison("memory, at last / at first", divided(every, "memory at last", "memory at first"), GROWTH, Limit.AT_MOST),
    ]
    return Section("Lists and searches, 32 connections", "a second, ms, MiB", figures, comparisons)


def divided(every: Sequence[Figures], name: str, other: str) -> Spread:
    """One figure over another, round by round."""
    return spread([figures[name] / figures[other] for figures in every])


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("load", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
