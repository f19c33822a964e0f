"""A process of one side of the image benchmark: on one core, for as long as the benchmark runs, as an image worker is."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cli.local.settings import PROJECT_ROOT
from services.proxy.image_worker import prepare_decoders

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Request:
    """Make a file's renditions so many times, or keep its pixels in `pixels`."""

    source: str
    folder: str
    times: int = 1
    pixels: str | None = None


class ImageProcess:
    """The process of a side, seen from the benchmark."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def ask(self, request: Request) -> dict[str, float]:
        """The figures: `ms` of processor time per image, `rate` per second of it, `peak` MiB beyond what an idle one has."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(request)).encode() + b"\n")
        self._process.stdin.flush()
        figures: dict[str, float] = json.loads(self._process.stdout.readline())
        return figures


@contextmanager
def image_process(side: str, core: int) -> Iterator[ImageProcess]:
    """A process of this side on this core."""
    command = [sys.executable, "-m", "tests.bench.image_process", side, str(core)]
    environment = {**os.environ, "VIPS_CONCURRENCY": "1", "PYTHONPATH": str(PROJECT_ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT_ROOT, env=environment) as process:
        yield ImageProcess(process)


def main(side_name: str, core: int) -> None:
    """Answer requests from stdin until it ends."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    prepare_decoders()
    from tests.bench.image_sides import SIDES

    side = SIDES[side_name]
    idle = peak_memory()
    for line in sys.stdin:
        request = Request(**json.loads(line))
        if request.pixels:
            np.save(request.pixels, side.pixels(Path(request.source)))
        forget_peak()
        make = partial(side.make, Path(request.source), Path(request.folder))
        seconds = min(processor_time(make) for _ in range(request.times))
        print(json.dumps({"ms": seconds * 1000, "rate": 1 / seconds, "peak": peak_memory() - idle}), flush=True)


def processor_time(work: Callable[[], None]) -> float:
    """Seconds of processor time, all threads together: what else the machine does hardly changes it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def peak_memory() -> float:
    """The most memory that this process has had since the last `forget_peak`, in MiB; 0 where the system does not tell."""
    if not STATUS.exists():
        return 0.0
    [peak] = (line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak) / 1024


def forget_peak() -> None:
    """Let the peak be what the process has now."""
    if STATUS.exists():
        (STATUS.parent / "clear_refs").write_text("5")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
