"""Removes entries of the audit log whose time is over, once a day."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial

import structlog

from services.search.audit import repository
from shared.clock import utc_now
from shared.database import Database
from shared.tasks import repeated

DAY = 86_400.0
BATCH = 5000
"""Entries that are removed in one statement, so that none holds others up."""

log = structlog.get_logger()


def purging(database: Database, days: int) -> AbstractAsyncContextManager[None]:
    """Remove what is older than so many days, now and every day, while the block runs."""
    return repeated(partial(purge, database, days), every=DAY, doing="purging of the audit log")


async def purge(database: Database, days: int, *, batch: int = BATCH) -> int:
    """Remove what is older than so many days; answers with how many entries that were."""
    before, removed = utc_now() - timedelta(days=days), 0
    while True:
        async with database.connection() as connection:
            count = await repository.purge(connection, before, limit=batch)
        removed += count
        if count < batch:
            log.info("audit log purged", removed=removed, older_than_days=days)
            return removed
