"""Clips that no link shares any more, removed by one process now and then."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import structlog

from services.proxy.clips import repository
from shared.blobs import Blobs
from shared.clips import PREFIX
from shared.clock import utc_now
from shared.database import Database
from shared.tasks import repeated

LOCK = "SELECT pg_try_advisory_xact_lock(7205759415)"
"""One process cleans at a time, whichever comes first."""
AT_ONCE = 1000
"""Objects removed in one request: the most that S3 takes."""
GRACE = timedelta(hours=1)
"""For which an object that is no clip of ours is left alone: it may be about to become one."""

log = structlog.get_logger()


class Cleaner:
    """Looks every so often; as a context, for as long as the block lasts."""

    def __init__(self, database: Database, blobs: Blobs, *, interval: float) -> None:
        self._database = database
        self._blobs = blobs
        self._interval = interval

    def running(self) -> AbstractAsyncContextManager[None]:
        """At work while the block runs."""
        return repeated(lambda: self.clean(utc_now()), every=self._interval, doing="cleaning of clips")

    async def clean(self, now: datetime) -> None:
        """One look: clips that nobody shares go with their objects, and so do objects that belong to no clip."""
        clips = 0
        while removed := await self._remove_unshared(now):
            clips += removed
        objects = await self._remove_strays(now)
        if clips or objects:
            log.info("removed clips that nobody shares", clips=clips, strays=objects)

    async def _remove_unshared(self, now: datetime) -> int:
        """Rows and objects in one transaction: who shares a clip again meanwhile waits for it, and has it cut anew."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute(LOCK.encode())
            if await cursor.fetchone() == (False,):
                return 0
            keys = await repository.forget_unshared(connection, now, AT_ONCE)
            await self._blobs.delete(keys)
            return len(keys)

    async def _remove_strays(self, now: datetime) -> int:
        removed = 0
        async for page in self._blobs.stored(PREFIX):
            old = [found.key for found in page if found.stored_at < now - GRACE]
            removed += await self._remove_unknown(old)
        return removed

    async def _remove_unknown(self, keys: list[str]) -> int:
        async with self._database.connection() as connection:
            strays = await repository.unknown(connection, keys)
        if not strays:
            return 0
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            strays = await repository.unknown(connection, strays)
            await self._blobs.delete(strays)
        return len(strays)
