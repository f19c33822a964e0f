"""The stream as all listeners of this process follow it: one consumer, one ring of facts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
from nats.js import JetStreamContext

from services.search.files import library
from services.search.live.facts import Fact
from services.search.live.feed import following
from services.search.live.job_watches import JobWatches, Look
from services.search.live.ring import Ring
from services.search.metrics import LISTENERS
from shared.database import Database
from shared.errors import Unavailable
from shared.tasks import ended

PAUSE = 1.0
"""Seconds between two attempts to read from Postgres."""

log = structlog.get_logger()


class Hub:
    """Follows the stream while somebody listens."""

    def __init__(self, stream: JetStreamContext, database: Database, look: Look) -> None:
        self.stream = stream
        self.ring = Ring()
        self.jobs = JobWatches(look)
        self.ready = asyncio.Event()
        """Set once the stream is followed."""
        self._database = database
        self._listeners: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()
        self._jobs_of_file: dict[str, frozenset[str]] = {}

    @property
    def over(self) -> bool:
        """Whether nothing will be told any more, as the gateway stops."""
        return self._task is None or self._task.done()

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[asyncio.Event]:
        """An event that is set when there is something new, for one listener; with the last of them the consumer goes."""
        wake = asyncio.Event()
        self._listeners.add(wake)
        if self.over:
            self.ready.clear()
            self.ring = Ring()
            self._task = asyncio.create_task(self._follow())
            self._task.add_done_callback(self._tell_the_end)
        try:
            with LISTENERS.track_inprogress():
                yield wake
        finally:
            self._listeners.discard(wake)
            if not self._listeners and self._task:
                task, self._task = self._task, None
                await ended([task])

    async def _follow(self) -> None:
        async with following(self.stream, [], None, name="gateway") as feed:
            async for batch in feed.batches():
                if not batch:
                    assert feed.after is not None
                    if feed.after != self.ring.last:
                        self.ring.begin(feed.after)
                    self.ready.set()
                for fact in batch:
                    self.ring.put(fact)
                self._wake(batch)

    def _wake(self, batch: Sequence[Fact]) -> None:
        self._jobs_of_file = {}
        self.jobs.nudge({fact.job for fact in batch})
        for wake in self._listeners:
            wake.set()

    def _tell_the_end(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("the events cannot be followed", exc_info=error)
        for wake in self._listeners:
            wake.set()

    async def jobs_of_files(self, facts: Sequence[Fact]) -> dict[str, frozenset[str]]:
        """The jobs to which files belong, about which facts name no job; asked once for all listeners."""
        meant = {fact.file for fact in facts if fact.file and not fact.job}
        async with self._asking:
            known = {file: jobs for file, jobs in self._jobs_of_file.items() if file in meant}
            if missing := meant - known.keys():
                known |= dict.fromkeys(missing, frozenset()) | await self._looked_up(missing)
                self._jobs_of_file = known
            return known

    async def _looked_up(self, files: set[str]) -> dict[str, frozenset[str]]:
        while True:
            try:
                async with self._database.connection() as connection:
                    return await library.jobs_of_files(connection, [UUID(file) for file in files])
            except Unavailable:
                await asyncio.sleep(PAUSE)  # nothing is left out: who listens waits
