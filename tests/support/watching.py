"""Watched folders with the service's own handlers, in the test's loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.ingest.handlers import on_import_requested
from services.ingest.watching.watching import Watching
from shared.contracts import ImportRequested
from shared.tasks import ended
from tests.support.imports import Library
from tests.support.waiting import INTERVAL, until_so

SETTLE = 0.4
"""Seconds: short, since tests wait for it, and long enough that a busy machine writes a file within it."""
WITHIN = 40.0

ADD = """
    INSERT INTO watches (id, path, path_raw, recursive, settle_seconds, poll, asked_by)
    VALUES (%(id)s, %(path)s, %(path_raw)s, %(recursive)s, %(settle)s, %(poll)s, 'ada')
"""


@dataclass(frozen=True)
class Installation:
    """The library, and a process that watches."""

    library: Library

    def watching(self) -> Watching:
        """Another process of the ingest service."""
        platform = self.library.resources.platform
        return Watching(platform.database, platform.effects, interval=0.1, retry=0.1)

    async def add(self, folder: Path, *, poll: str = "auto", recursive: bool = True, settle: float = SETTLE) -> UUID:
        """Watch a folder."""
        watch_id = uuid4()
        values = {"id": watch_id, "path": str(folder), "path_raw": bytes(folder), "recursive": recursive, "poll": poll}
        async with self.library.resources.platform.database.connection() as connection:
            await connection.execute(ADD, {**values, "settle": settle})
        return watch_id

    async def watch(self, watch_id: UUID) -> dict[str, Any]:
        """How a watch is."""
        [watch] = await self.library.rows("SELECT * FROM watches WHERE id = %s", watch_id)
        return watch

    async def until_state(self, watch_id: UUID, *states: str) -> dict[str, Any]:
        """Wait for the watch to be so, and for what it found at its beginning to be taken in."""
        begun = (
            "SELECT finished_at FROM jobs JOIN watches ON job_id = jobs.id WHERE watches.id = %s AND finished_at IS NOT NULL"
        )

        async def is_so() -> bool:
            watch = await self.watch(watch_id)
            return watch["state"] in states and (watch["state"] == "away" or bool(await self.library.rows(begun, watch_id)))

        await until_so(is_so, within=WITHIN)
        return await self.watch(watch_id)

    async def until_known(self, *names: str) -> None:
        """Wait for the library to have these files, none of them missing, and no others."""

        async def are_known() -> bool:
            return {name for name, file in (await self.library.files()).items() if not file["missing_since"]} == {*names}

        await until_so(are_known, within=WITHIN)

    async def until_idle(self, jobs: int) -> None:
        """Wait for so many jobs to have come to their end."""

        async def are_done() -> bool:
            return len(await self.library.rows("SELECT id FROM jobs WHERE finished_at IS NOT NULL")) >= jobs

        await until_so(are_done, within=WITHIN)

    async def jobs(self) -> list[dict[str, Any]]:
        """What was asked for, in order."""
        return await self.library.rows("SELECT * FROM jobs ORDER BY created_at")


@asynccontextmanager
async def handled(library: Library) -> AsyncIterator[None]:
    """Have every rescan that is asked for worked on, as the bus would."""
    task = asyncio.create_task(_handle(library))
    try:
        yield
    finally:
        await ended([task])


async def _handle(library: Library) -> None:
    while True:
        for job in await library.rows("SELECT id FROM jobs WHERE kind = 'rescan' AND state = 'pending' ORDER BY created_at"):
            await on_import_requested(ImportRequested(job_id=job["id"]), library.resources)
        await asyncio.sleep(INTERVAL)
