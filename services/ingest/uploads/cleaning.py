"""What uploads leave behind when they are broken off, removed by one process now and then."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import structlog

from services.ingest.uploads import repository as uploads
from shared.blobs import Blobs, Stored
from shared.clock import utc_now
from shared.database import Connection, Database
from shared.tasks import repeated
from shared.uploads import PREFIX, UploadSettings

LOCK = 7_205_759_405
"""Key of the advisory lock: one process cleans at a time, whichever comes first."""
TRY_LOCK = "SELECT pg_try_advisory_lock(%(key)s)"
UNLOCK = "SELECT pg_advisory_unlock(%(key)s)"

EXPIRED = "The upload was not finished in time and what had come of it was removed; upload the file again."

log = structlog.get_logger()


class Cleaner:
    """Looks every so often; as a context, for as long as the block lasts."""

    def __init__(self, database: Database, blobs: Blobs, settings: UploadSettings) -> None:
        self._database = database
        self._blobs = blobs
        self._interval = settings.cleaning_interval
        self._lifetime = timedelta(seconds=settings.lifetime)

    def running(self) -> AbstractAsyncContextManager[None]:
        """At work while the block runs."""
        return repeated(lambda: self.clean(utc_now()), every=self._interval, doing="cleaning of uploads")

    async def clean(self, now: datetime) -> None:
        """One look, unless another process is at it: rows first, so that nobody joins parts that are being removed."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(TRY_LOCK, {"key": LOCK})
            if await cursor.fetchone() == (False,):
                return
            try:
                expired = await uploads.expire(connection, now, EXPIRED)
                parts = await self._drop_parts(connection, now - self._lifetime)
                objects = await self._drop_objects(connection, now - self._lifetime)
            finally:
                await connection.execute(UNLOCK, {"key": LOCK})
        if expired or parts or objects:
            log.info("removed what uploads left behind", expired=expired, unfinished=parts, objects=objects)

    async def _drop_parts(self, connection: Connection, before: datetime) -> int:
        """Forget what was begun before then and is no upload that still waits for its parts."""
        dropped = 0
        async for page in self._blobs.unjoined(PREFIX):
            old = [(found.key, found.multipart_id or "") for found in _older(page, before)]
            for key, multipart_id in await uploads.forgotten_parts(connection, old):
                await self._blobs.drop_parts(key, multipart_id)
                dropped += 1
        return dropped

    async def _drop_objects(self, connection: Connection, before: datetime) -> int:
        """Remove what was stored before then and is neither a file's original nor about to become one."""
        dropped = 0
        async for page in self._blobs.stored(PREFIX):
            keys = await uploads.forgotten(connection, [found.key for found in _older(page, before)])
            await self._blobs.delete(keys)
            dropped += len(keys)
        return dropped


def _older(page: list[Stored], before: datetime) -> list[Stored]:
    return [found for found in page if found.stored_at < before]
