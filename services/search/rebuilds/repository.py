"""SQL of rebuilds."""

from typing import Any
from uuid import UUID

from services.search.http.idempotency import begun
from shared import jobs
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.jobs import Job

KIND = "rebuild"

ALONE = "SELECT pg_advisory_xact_lock(hashtext('spillway: rebuild'))"

UNFINISHED = "SELECT id, state, progress->>'phase' FROM jobs WHERE kind = 'rebuild' AND finished_at IS NULL LIMIT 1"

CANCEL = """
    UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = %(id)s AND kind = 'rebuild' AND finished_at IS NULL
"""


async def begin(connection: Connection, request: dict[str, Any], asked_by: str, job_id: UUID | None) -> tuple[UUID, bool]:
    """A rebuild, and whether it is new: under an id that is given, it can be there already.

    Raises Conflict for a new one while there is another, and KeyReused if another request was made under that id.
    """
    await connection.execute(ALONE)
    other = await (await connection.execute(UNFINISHED)).fetchone()
    if other and await begun(connection, job_id) is None:
        raise Conflict(
            f"There is a rebuild already: job {other[0]} ({other[2] or other[1]}). It goes on even if its worker was killed; "
            "wait for it, or cancel it."
        )
    return await jobs.begin(connection, KIND, request, asked_by=asked_by, job_id=job_id)


async def find(connection: Connection, job_id: UUID) -> Job:
    """The job; raises NotFound unless it is a rebuild."""
    job = await jobs.find(connection, job_id)
    if job.kind != KIND:
        raise NotFound("rebuild", job_id)
    return job


async def cancel(connection: Connection, job_id: UUID) -> None:
    """Call a rebuild off; raises NotFound, or Conflict if it has ended."""
    job = await find(connection, job_id)
    if (await connection.execute(CANCEL, {"id": job_id})).rowcount == 0:
        raise Conflict(f"This rebuild has ended already ({job.state}); there is nothing to cancel.")
