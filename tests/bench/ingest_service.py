"""The ingest service's own handler in a process of its own: a job on stdin, its figures on stdout, a line each."""

import asyncio
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from services.ingest.handlers import Resources, on_import_requested
from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from shared import jobs
from shared.contracts import ImportRequested
from shared.observability import configure
from shared.platform import run_async
from shared.service import Platform
from shared.settings import PlatformSettings

SAMPLE = 0.02
"""Seconds between two looks at memory and open files."""


class Watch:
    """The most memory and open files that the process had, its inspectors included for files."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._ended = threading.Event()
        self.memory = 0
        self.files = 0

    def __enter__(self) -> "Watch":
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(SAMPLE):
            self.memory = max(self.memory, self._process.memory_info().rss)
            self.files = max(self.files, self._process.num_fds())


async def serve(processes: int) -> None:
    """Do the jobs that stdin asks for, one after the other."""
    platform = Platform.build("ingest", PlatformSettings())
    await platform.database.open()
    async with Pool(IngestSettings().limits, processes=processes, patience=60.0) as pool:
        resources = Resources(platform, pool)
        while line := await asyncio.to_thread(sys.stdin.readline):
            task = json.loads(line)
            print(json.dumps(await carry_out(task, resources)), flush=True)
    await platform.database.close()


async def carry_out(task: dict[str, Any], resources: Resources) -> dict[str, float]:
    """Request and do one job; the seconds are those of both."""
    database, path = resources.platform.database, Path(task["path"])
    with Watch() as watch:
        began, processor = time.perf_counter(), time.process_time()
        async with database.transaction() as connection:
            if task["kind"] == "import":
                job_id = await jobs.request_import(connection, path, source="bench")
            else:
                job_id = await jobs.request_rescan(connection, path, source="bench", apply=True)
        await on_import_requested(ImportRequested(job_id=job_id), resources)
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
    async with database.connection() as connection:
        counts = await jobs.item_counts(connection, job_id)
        job = await jobs.find(connection, job_id)
    return {
        "seconds": seconds,
        "processor": processor,
        "memory": watch.memory / 2**20,
        "open files": watch.files,
        "listed": job.progress["listed"],
        "items": sum(counts.values()),
        "failed": counts["failed"] + counts["pending"],
    }


if __name__ == "__main__":
    configure("bench", level="WARNING", style="console")
    run_async(serve(int(os.environ["SPILLWAY_BENCH_PROCESSES"])))
