"""Slow work on a file: people see how far it is, and it ends when nobody wants it any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared import stages
from shared.contracts import FileEvent, Stage
from shared.database import Database
from shared.errors import Superseded, Unavailable
from shared.tasks import ended

T = TypeVar("T")
Report = Callable[[float, float | None], None]
"""Takes seconds of media done, and in all if that is known; may be called from any thread."""

FIRST_LOOK, LOOK = 0.5, 2.0
"""Seconds until work is shown and asked about, and between two times of that: most files are done before the first."""

NOTE = f"""
    INSERT INTO stage_work (file_id, stage, done, total, begun_with, started_at)
    SELECT file_id, stage, %(done)s, %(total)s, %(begun_with)s, now() - make_interval(secs => %(elapsed)s)
    FROM file_stages WHERE {stages.WANTED}
    ON CONFLICT (file_id, stage) DO UPDATE SET done = excluded.done, total = excluded.total,
        begun_with = excluded.begun_with, started_at = excluded.started_at, heard_at = now()
"""  # noqa: S608 - the condition is ours

FORGET = "DELETE FROM stage_work WHERE file_id = %(file_id)s AND stage = %(stage)s"


class _Work:
    def __init__(self, event: FileEvent, stage: Stage) -> None:
        self._values = {"file_id": event.file_id, "revision": event.revision, "stage": stage, "run_id": event.run_id}
        self._done: float = 0.0
        self._total: float | None = None
        self._begun_with: float | None = None
        self._began = time.monotonic()
        self.noted = False

    def report(self, done: float, total: float | None) -> None:
        if self._begun_with is None:  # what a killed worker left is not this one's speed
            self._begun_with = done
        self._done, self._total = done, total

    async def still_wanted(self, database: Database) -> bool:
        """Show how far the work is; False if its stage no longer waits for it."""
        told = {
            "done": self._done,
            "total": self._total,
            "begun_with": self._begun_with or 0.0,
            "elapsed": time.monotonic() - self._began,
        }
        try:
            async with database.connection() as connection:
                cursor = await connection.execute(NOTE, {**self._values, **told})
        except Unavailable:
            return True  # work goes on while Postgres is away; whether it counts is asked at its end
        self.noted = True
        return cursor.rowcount > 0

    async def forget(self, database: Database) -> None:
        try:
            async with database.connection() as connection:
                await connection.execute(FORGET, self._values)
        except Unavailable:
            return  # the row is told to be stale by its age


async def carried_out(database: Database, event: FileEvent, stage: Stage, work: Callable[[Report], Awaitable[T]]) -> T:
    """The result of the work for an event; cancels it and raises Superseded once the stage no longer waits for the event."""
    shown = _Work(event, stage)
    task = asyncio.ensure_future(work(shown.report))
    pause = FIRST_LOOK
    try:
        while not (await asyncio.wait({task}, timeout=pause))[0]:
            pause = LOOK
            if not await shown.still_wanted(database):
                raise Superseded(event.file_id, event.revision)
        return task.result()
    finally:
        await ended([task])
        if shown.noted:
            await shown.forget(database)
