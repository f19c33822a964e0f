"""How far jobs are, looked at for those who listen: once for all of them, and only while somebody does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog

from services.search.live.facts import PROGRESS, frame
from shared.errors import SpillwayError
from shared.tasks import ended

GAP = 0.25
"""Seconds at least between two looks at a job, and so between two frames: four a second are a bar that moves."""
IDLE = 2.0
"""Seconds until a job is looked at without a fact about it: workers note that often how far they are."""

log = structlog.get_logger()
Look = Callable[[UUID], Awaitable[dict[str, Any]]]


class JobWatch:
    """A job that somebody listens to: the latest frame, and its number, which tells a new one from one that was told."""

    def __init__(self) -> None:
        self.number = 0
        self.frame = b""
        self.listeners: set[asyncio.Event] = set()
        self.nudged = asyncio.Event()
        self._told: dict[str, Any] | None = None

    def note(self, told: dict[str, Any]) -> None:
        """Have the listeners told, if there is news."""
        if told == self._told:
            return
        self._told = told
        self.frame = frame(PROGRESS, {"type": PROGRESS, "job_id": told["job_id"], "data": told})
        self.number += 1
        for wake in self.listeners:
            wake.set()


class JobWatches:
    """The jobs that are listened to, each with a task of its own; `look` says how far a job is."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._watches: dict[UUID, tuple[JobWatch, asyncio.Task[None]]] = {}

    def nudge(self, jobs: Collection[str | None]) -> None:
        """Something has happened for these jobs; None is for what names no job, and may have to do with any."""
        for watched, (watch, _) in self._watches.items():
            if None in jobs or str(watched) in jobs:
                watch.nudged.set()

    @asynccontextmanager
    async def watching(self, job_id: UUID, wake: asyncio.Event) -> AsyncIterator[JobWatch]:
        """The watch of the job, which sets `wake` when there is a frame, and ends with its last listener."""
        if job_id not in self._watches:
            watch = JobWatch()
            self._watches[job_id] = watch, asyncio.create_task(self._keep(job_id, watch))
        watch, task = self._watches[job_id]
        watch.listeners.add(wake)
        wake.set()
        try:
            yield watch
        finally:
            watch.listeners.discard(wake)
            if not watch.listeners:
                self._watches.pop(job_id, None)
                await ended([task])

    async def _keep(self, job_id: UUID, watch: JobWatch) -> None:
        while True:
            watch.nudged.clear()
            try:
                watch.note(await self._look(job_id))
            except SpillwayError as error:  # the job is not there yet, or Postgres is away: another look will tell
                log.debug("a job cannot be looked at", job_id=str(job_id), reason=str(error))
            await asyncio.sleep(GAP)
            try:
                await asyncio.wait_for(watch.nudged.wait(), IDLE)
            except TimeoutError:
                continue
