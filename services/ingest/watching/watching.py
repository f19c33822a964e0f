"""The watched folders of this installation: one process of all that ingest watches, and notices what people change of it."""

import asyncio
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog

from services.ingest.watching import repository as watches
from services.ingest.watching.repository import Watch
from services.ingest.watching.watched import RETRY, Watched
from shared.database import Connection, Database
from shared.effects import Effects
from shared.errors import Unavailable
from shared.tasks import ended

INTERVAL = 2.0
"""Seconds until what people change of the watches takes effect, and until another process goes on for one that died."""

log = structlog.get_logger()

Followed = dict[UUID, tuple[Watch, "asyncio.Task[None]"]]


class Watching:
    """A resource of the service: watches from its beginning to its end, whenever it is this process's turn."""

    def __init__(self, database: Database, effects: Effects, *, interval: float = INTERVAL, retry: float = RETRY) -> None:
        self._database = database
        self._effects = effects
        self._interval = interval
        self._retry = retry
        self._task: asyncio.Task[None] | None = None
        self.leads = False
        """Whether it is this process that watches."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            await ended([self._task])

    async def _run(self) -> None:
        while True:
            try:
                async with self._database.connection() as connection:
                    if await watches.lead(connection):
                        await self._lead(connection)
            except Unavailable as outage:
                log.warning("watching waits", reason=str(outage))
            await asyncio.sleep(self._interval)

    async def _lead(self, connection: Connection) -> None:
        """Watch for as long as the connection lasts: with it the lock goes, and another process may begin."""
        log.info("this process watches folders")
        self.leads = True
        followed: Followed = {}
        try:
            while True:
                await self._take_up(followed, await watches.wanted(connection))
                await watches.beat(connection, [*followed])
                await asyncio.sleep(self._interval)
        finally:
            self.leads = False
            await ended([task for _, task in followed.values()])
            if not connection.closed:
                await watches.follow(connection)

    async def _take_up(self, followed: Followed, wanted: list[Watch]) -> None:
        """Begin what is wanted, end what is not, and begin anew what was changed or died."""
        current = {watch.id: watch for watch in wanted}
        over = [key for key, (watch, task) in followed.items() if current.get(key) != watch or task.done()]
        for key in over:
            _, task = followed.pop(key)
            if task.done() and not task.cancelled():
                log.error("watching a folder died", exc_info=task.exception())
            await ended([task])
        for watch in wanted:
            if watch.id not in followed:
                follower = Watched(watch, self._effects, retry=self._retry)
                followed[watch.id] = (watch, asyncio.create_task(follower.run()))
