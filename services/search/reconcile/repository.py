"""SQL of reconciliations: what they found, and what of it is approved."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from shared import jobs
from shared.contracts import Stage
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.jobs import Job

KIND = "reconcile"
NOT_CHOSEN = "This was not chosen to be mended."

FOUND = """
    SELECT change, count(*) AS count, coalesce(sum(size), 0)::bigint AS bytes,
           count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'skipped') AS skipped, (array_agg(path ORDER BY path_raw))[1:3] AS examples
    FROM job_items WHERE job_id = %(id)s GROUP BY change
"""

MENDING = "SELECT id FROM jobs WHERE kind = %(kind)s AND request->>'mend_of' = %(id)s::text AND created_at >= %(since)s"

APPROVE = "UPDATE jobs SET state = 'running' WHERE id = %(id)s AND state = 'reported'"

LEAVE_OUT = """
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    WHERE job_id = %(id)s AND state = 'pending' AND change <> ALL(%(kinds)s::text[])
"""


async def find(connection: Connection, job_id: UUID) -> Job:
    """The job; raises NotFound unless it is a reconciliation."""
    job = await jobs.find(connection, job_id)
    if job.kind != KIND:
        raise NotFound("reconciliation", job_id)
    return job


async def found(connection: Connection, job_id: UUID) -> dict[str, dict[str, Any]]:
    """What was found, by the kind of difference."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FOUND, {"id": job_id})
        return {row.pop("change"): row for row in await cursor.fetchall()}


async def mending(connection: Connection, job: Job) -> UUID | None:
    """The batch that makes anew what a reconciliation found."""
    cursor = await connection.execute(MENDING, {"kind": Stage.PROXY, "id": job.id, "since": job.created_at})
    row = await cursor.fetchone()
    return row[0] if row else None


async def approve(connection: Connection, job_id: UUID, kinds: Sequence[str]) -> None:
    """Let what was found of these kinds be mended, and nothing else; raises Conflict unless a report waits."""
    cursor = await connection.execute(APPROVE, {"id": job_id})
    if cursor.rowcount == 0:
        raise Conflict("There is no report that waits to be applied; ask how far the job is, or reconcile again.")
    await connection.execute(LEAVE_OUT, {"id": job_id, "kinds": list(kinds), "reason": NOT_CHOSEN})
