"""Runs of analyses, as people follow them: a row each, from the first look at the file to its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.nova.analyst import Errand
from services.nova.errands import version_of
from shared.analyses import LOCAL
from shared.contracts import FileEvent
from shared.database import Connection, Database
from shared.errors import Superseded, Unavailable
from shared.working import Report

BEGIN = """
    INSERT INTO analysis_runs (id, file_id, revision, job_id, model, prompt_version, analyses, options, requested_by)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(job_id)s, %(model)s, %(version)s, %(analyses)s, %(options)s, %(requested_by)s)
    ON CONFLICT (id) DO UPDATE SET state = 'running', reason = NULL, finished_at = NULL
"""

CHUNKS = "UPDATE analysis_runs SET chunks_done = %(done)s, chunks = %(total)s WHERE id = %(id)s"

WAIT = "UPDATE analysis_runs SET state = 'waiting', reason = %(reason)s WHERE id = %(id)s AND state = 'running'"

END = """
    UPDATE analysis_runs SET state = %(state)s, reason = %(reason)s, finished_at = now()
    WHERE id = %(id)s AND finished_at IS NULL
"""

# One that costs nothing is over within moments, and has no row before.
FINISH = """
    INSERT INTO analysis_runs (id, file_id, revision, job_id, model, model_id, prompt_version, analyses, options, requested_by,
                               state, finished_at)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(job_id)s, %(model)s, %(model_id)s, %(version)s, %(analyses)s, %(options)s,
            %(requested_by)s, 'done', now())
    ON CONFLICT (id) DO UPDATE SET state = 'done', reason = NULL, model_id = excluded.model_id, finished_at = now()
"""


@dataclass(frozen=True)
class Shown:
    """The course of a run, as its row tells it."""

    database: Database
    run_id: UUID
    told: Report

    def report(self, done: float, total: float | None) -> None:
        """So many seconds of media are done, of so many."""
        self.told(done, total)

    async def chunks(self, done: int, total: int) -> None:
        """So many chunks are done, of so many."""
        async with self.database.connection() as connection:
            await connection.execute(CHUNKS, {"id": self.run_id, "done": done, "total": total})


async def begin(connection: Connection, event: FileEvent, errand: Errand) -> None:
    """Note that a run has begun, or is taken up again after its worker was stopped."""
    await connection.execute(BEGIN, _values(event, errand))


async def finish(connection: Connection, event: FileEvent, errand: Errand, model_id: str | None) -> None:
    """Note that a run has ended well, and under which id the model was called."""
    await connection.execute(FINISH, {**_values(event, errand), "model_id": model_id})


@asynccontextmanager
async def under_way(database: Database, event: FileEvent, errand: Errand) -> AsyncIterator[None]:
    """Show a run that takes its time for as long as the block runs: what it waits for, and that it was called off."""
    if errand.model == LOCAL:
        yield
        return
    async with database.connection() as connection:
        await begin(connection, event, errand)
    try:
        yield
    except Unavailable as error:
        async with database.connection() as connection:
            await connection.execute(WAIT, {"id": errand.run_id, "reason": str(error)})
        raise
    except Superseded:
        async with database.connection() as connection:
            await end(connection, errand.run_id, "cancelled")
        raise


async def end(connection: Connection, run_id: UUID, state: str, reason: str | None = None) -> None:
    """Note how a run ended; nothing if it had ended before, or was never shown."""
    await connection.execute(END, {"id": run_id, "state": state, "reason": reason})


def _values(event: FileEvent, errand: Errand) -> dict[str, Any]:
    return {
        "id": errand.run_id,
        "file_id": event.file_id,
        "revision": event.revision,
        "job_id": event.run_id,
        "model": errand.model,
        "version": version_of(errand),
        "analyses": [str(one) for one in errand.types],
        "options": Jsonb(errand.asked),
        "requested_by": errand.requested_by,
    }
