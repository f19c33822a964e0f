"""A job under way: people see how far it is, and it stops soon after somebody calls it off."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from shared.contracts import JobEvent
from shared.database import Connection, Database
from shared.errors import AlreadyApplied, Unavailable

LOOK = 1.0
"""Seconds between two looks at whether the job is still wanted."""

NOTE = """
    UPDATE jobs SET progress = progress || %(progress)s::jsonb WHERE id = %(job_id)s RETURNING state = 'running'
"""

HOLD = "SELECT state = 'running' FROM jobs WHERE id = %(job_id)s FOR SHARE"


@dataclass
class Progress:
    """How far the walk is: paths found, and the folder it is in."""

    listed: int = 0
    path: str = ""


async def attended(database: Database, event: JobEvent, work: Callable[[Progress], Awaitable[None]]) -> None:
    """Carry out the work for an event, and show its progress; once the job is called off, end it and raise AlreadyApplied."""
    progress = Progress()
    task = asyncio.ensure_future(work(progress))
    try:
        while not (await asyncio.wait({task}, timeout=LOOK))[0]:
            if not await _still_wanted(database, event, progress):
                raise AlreadyApplied(event.id)
        task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


async def hold(connection: Connection, event: JobEvent) -> None:
    """Keep the job from being called off until the transaction ends; raises AlreadyApplied if it was before."""
    cursor = await connection.execute(HOLD, {"job_id": event.job_id})
    if await cursor.fetchone() != (True,):
        raise AlreadyApplied(event.id)


async def _still_wanted(database: Database, event: JobEvent, progress: Progress) -> bool:
    try:
        async with database.connection() as connection:
            cursor = await connection.execute(NOTE, {"job_id": event.job_id, "progress": json.dumps(asdict(progress))})
            return await cursor.fetchone() == (True,)
    except Unavailable:
        return True  # the work notices an outage itself
