"""Files that are still being written when a watched folder is rescanned: they are left for the rescan after their rest.

The watch asks for a rescan when things have settled, but until the rescan begins the next file may have come.
"""

import asyncio
import os
from uuid import UUID

from services.ingest.scans import diff
from services.ingest.watching import glances
from services.ingest.watching.settling import Stamp
from shared.database import Database

PAGE = 10_000
"""Paths looked at in one go."""

FOUND = """
    SELECT path_raw FROM job_items
    WHERE job_id = %(job_id)s AND state = 'pending' AND change IS NULL AND path_raw > %(after)s
    ORDER BY path_raw LIMIT %(limit)s
"""


async def leave_moving(job_id: UUID, settle: float, database: Database) -> None:
    """Take from a job what was written to within the settle time, and is written to within the next."""
    young: dict[str, Stamp] = {}
    after = b""
    while page := await _found(job_id, after, database):
        young |= await asyncio.to_thread(glances.young, map(os.fsdecode, page), settle)
        after = page[-1]
    if not young:
        return
    await asyncio.sleep(settle)
    later = await asyncio.to_thread(glances.stamps, young)
    moving = [os.fsencode(path) for path, stamp in young.items() if later[path] != stamp]
    async with database.connection() as connection:
        await diff.leave_out(connection, job_id, moving)


async def _found(job_id: UUID, after: bytes, database: Database) -> list[bytes]:
    async with database.connection() as connection:
        cursor = await connection.execute(FOUND, {"job_id": job_id, "after": after, "limit": PAGE})
        return [row[0] for row in await cursor.fetchall()]
