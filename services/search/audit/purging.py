"""Removes entries of the audit log whose time is over, once a day."""

import asyncio
from datetime import timedelta
from typing import NoReturn

import structlog

from services.search.audit import repository
from shared.clock import utc_now
from shared.database import Database
from shared.errors import SpillwayError

DAY = 86_400.0
BATCH = 5000
"""Entries that are removed in one statement, so that none holds others up."""

log = structlog.get_logger()


async def purge_daily(database: Database, days: int) -> NoReturn:
    """Remove what is older than so many days, now and every day."""
    while True:
        try:
            removed = await purge(database, days)
        except SpillwayError as error:
            log.warning("old entries of the audit log stay for another day", reason=str(error))
        else:
            log.info("audit log purged", removed=removed, older_than_days=days)
        await asyncio.sleep(DAY)


async def purge(database: Database, days: int, *, batch: int = BATCH) -> int:
    """Remove what is older than so many days; answers with how many entries that were."""
    before, removed = utc_now() - timedelta(days=days), 0
    while True:
        async with database.connection() as connection:
            count = await repository.purge(connection, before, limit=batch)
        removed += count
        if count < batch:
            return removed
