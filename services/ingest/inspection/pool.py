"""Inspectors side by side: files go in by the portion, outcomes come out by the batch, in whatever order they are ready."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Protocol, Self

from services.ingest.inspection.inspector import LINGER, Inspector
from services.ingest.limits import Limits
from services.ingest.outcome import Candidate, Outcome

PORTION = 16
"""Files that an inspector is given at once: tiny ones then cost a sixteenth of the switching between processes."""
BATCH = 200
"""Outcomes that are handed over at once: their statements and round trips are shared by so many files."""

Portions = AsyncIterator[Sequence[Candidate]]


class Inspects(Protocol):
    """Looks at files, many at a time."""

    def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
        """One outcome for each candidate, in batches."""
        ...


class Pool:
    """Inspects, by as many processes as it is given; imports that run at once share them portion by portion."""

    def __init__(self, limits: Limits, *, processes: int, patience: float) -> None:
        self._make: Callable[[], Inspector] = lambda: Inspector(limits, patience)
        self._processes = processes
        self._idle: asyncio.Queue[Inspector] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="inspector")

    async def __aenter__(self) -> Self:
        for _ in range(self._processes):
            inspector = self._make()
            await asyncio.get_running_loop().run_in_executor(self._threads, inspector.start)
            self._idle.put_nowait(inspector)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self._threads.shutdown()

    async def inspect(self, portions: Portions) -> AsyncGenerator[list[Outcome], None]:
        """As Inspects; whoever stops listening early must close the generator, which ends what is under way."""
        ready: list[Outcome] = []
        running: set[asyncio.Task[None]] = set()
        handed_over = time.monotonic()
        try:
            while True:
                # One portion more than there are processes, so that none waits for its next.
                while len(running) <= self._processes and (portion := await anext(portions, None)):
                    running.add(asyncio.create_task(self._inspect_portion(portion, ready.extend)))
                if not running:
                    break
                done, running = await asyncio.wait(running, timeout=LINGER, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if len(ready) >= BATCH or (ready and time.monotonic() - handed_over >= LINGER):
                    batch = ready[:]
                    ready.clear()  # now, as more comes in while whoever listens works on the batch
                    handed_over = time.monotonic()
                    yield batch
            if ready:
                yield ready
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _inspect_portion(self, portion: Sequence[Candidate], deliver: Callable[[list[Outcome]], None]) -> None:
        async with self._borrowed() as inspector:
            inspector.give(portion)
            while inspector.busy:
                deliver(await asyncio.get_running_loop().run_in_executor(self._threads, inspector.collect))

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Inspector]:
        inspector = await self._idle.get()
        try:
            yield inspector
        finally:
            if inspector.busy:
                inspector.abandon()
                inspector = self._make()
            self._idle.put_nowait(inspector)
