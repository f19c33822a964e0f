"""`./spillway bench images`: renditions of photographs beside plain Pillow, Pillow's draft mode and libvips's thumbnailer.

Every class of image is a question of its own. Each side has one process on one core; all write the same two JPEGs. They are
compared by processor time, the least of a few images in each round: the wall clock says more about what else the machine does.
"""

import asyncio
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from services.proxy.image_worker import ImageWorkshop
from services.proxy.images import ImageJob
from services.proxy.settings import ProxySettings
from shared.platform import run_async
from tests.bench.command import carried_out
from tests.bench.conditions import conditions
from tests.bench.image_process import ImageProcess, Request, image_process
from tests.bench.image_sides import Pixels
from tests.bench.photographs import CLASSES, Class, make
from tests.bench.report import Comparison, Limit, Report, Section, compare, figures_of
from tests.bench.rounds import Figures, Side, figure, interleave, spread

NAMES = OURS, VIPS, DRAFT, PLAIN = "Spillway", "pyvips", "Pillow, draft", "Pillow"
BESIDE_PILLOW = 2.5
"""Least rate in that of plain Pillow on large JPEGs."""
BESIDE_VIPS = 0.97
"""Least rate in that of pyvips: as fast. One library decodes and scales on both sides, and two runs of one differ so much."""
LIKENESS = 45.0
"""Least likeness of our pixels to those of plain Pillow, in dB."""
MEMORY = {OURS: 80.0}
"""Most MiB that a worker takes beyond what it has when idle."""
WORKERS = {"1 worker": 1, "2 workers": 2}
PACKAGES = ("pillow", "pyvips", "pyvips-binary")
OTHER_COLOURS = "pyvips turns inks into light by a profile of its own, so that its pixels are others."


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 7
    times: int = 3
    batch: int = 24


@dataclass(frozen=True)
class Bench:
    """A run under way."""

    size: Size
    folder: Path
    processes: dict[str, ImageProcess]
    report: Callable[[str], None]

    def compared(self, kind: Class, source: Path) -> Section:
        """One class of images: cost, likeness and memory."""
        pixels = {name: self._pixels(name, source) for name in NAMES}
        measured = interleave([self._side(name, source) for name in NAMES], self.size.rounds, self.report)
        likeness = {name: spread([psnr(pixels[name], pixels[PLAIN])]) for name in NAMES if name != PLAIN}
        comparisons = [
            compare(measured, "rate", OURS, VIPS, BESIDE_VIPS, Limit.AT_LEAST),
            compare(measured, "rate", OURS, PLAIN, BESIDE_PILLOW if kind.is_large_jpeg else None, Limit.AT_LEAST),
            compare(measured, "rate", OURS, DRAFT, None, Limit.AT_LEAST),
            Comparison("likeness to plain Pillow, dB: Spillway", likeness[OURS], LIKENESS),
            Comparison("likeness to plain Pillow, dB: pyvips", likeness[VIPS]),
            Comparison("likeness to plain Pillow, dB: draft", likeness[DRAFT]),
            *(
                Comparison(f"peak memory, MiB: {name}", figure(measured, name, "peak"), MEMORY.get(name), Limit.AT_MOST)
                for name in (OURS, VIPS, PLAIN)
            ),
        ]
        notes = [OTHER_COLOURS] if likeness[VIPS].median < LIKENESS else []
        return Section(
            kind.name, "milliseconds of processor time per image", figures_of(measured, "ms", NAMES), comparisons, notes
        )

    def _side(self, name: str, source: Path) -> Side:
        request = Request(str(source), str(self.folder), self.size.times)

        def measure(number: int) -> Figures:
            return self.processes[name].ask(request)

        return Side(name, measure)

    def _pixels(self, name: str, source: Path) -> Pixels:
        path = self.folder / f"{name}.npy"
        self.processes[name].ask(Request(str(source), str(self.folder), 1, str(path)))
        found: Pixels = np.load(path)
        return found


def psnr(one: Pixels, other: Pixels) -> float:
    """Likeness in dB; 99 for the same pixels. Raises if the sizes differ."""
    if one.shape != other.shape:
        raise ValueError(f"Renditions of different sizes cannot be compared: {one.shape} and {other.shape}.")
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return min(99.0, 10 * math.log10(255**2 / error)) if error else 99.0


def run(size: Size, report: Callable[[str], None], classes: tuple[Class, ...] = CLASSES) -> Report:
    """Measure every class; `report` receives a line after each measurement."""
    core = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="spillway-bench-", ignore_cleanup_errors=True)))
        report("making photographs")
        sources = make(folder, classes)
        processes = {name: stack.enter_context(image_process(name, core)) for name in NAMES}
        bench = Bench(size, folder, processes, report)
        sections = [bench.compared(kind, sources[kind.name]) for kind in classes]
        sections.append(throughput(sources[classes[0].name], folder, size, report))
    return Report("images", {**vars(size), **conditions(PACKAGES)}, sections)


def throughput(source: Path, folder: Path, size: Size, report: Callable[[str], None]) -> Section:
    """The service's own workers, one and two of them, on all cores."""
    sides = [Side(name, partial(_batch_of, source, folder, workers, size.batch)) for name, workers in WORKERS.items()]
    measured = interleave(sides, size.rounds, report)
    comparison = compare(measured, "rate", "2 workers", "1 worker", None, Limit.AT_LEAST)
    return Section(
        "Image workers side by side", "images per second", figures_of(measured, "rate", list(measured)), [comparison]
    )


def _batch_of(source: Path, folder: Path, workers: int, images: int, _: int) -> Figures:
    return run_async(batch(source, folder, workers, images))


async def batch(source: Path, folder: Path, workers: int, images: int) -> Figures:
    """Images per second through a workshop that is warm."""
    workshop = ImageWorkshop(ProxySettings(workers=workers))
    async with workshop:
        jobs = [ImageJob(source, folder / f"{at}.image", folder / f"{at}.thumbnail", 10**9) for at in range(images)]
        await asyncio.gather(*map(workshop.render, jobs[: 2 * workers]))
        began = time.perf_counter()
        await asyncio.gather(*map(workshop.render, jobs))
        return {"rate": images / (time.perf_counter() - began)}


def main(argv: Sequence[str]) -> int:
    """Run from the command line; 0 when every bar is met."""
    return carried_out("images", __doc__, Size, run, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
