"""Jobs of one action on many files: an item per file, settled with the file's stage, and the job with its last item.

The kind of such a job is the stage that it is about, and its id is the run for which that stage waits.
"""

from collections.abc import Sequence
from uuid import UUID

from shared import jobs, outbox
from shared.contracts import BatchCompleted, Stage, StageState
from shared.database import Connection

OVERTAKEN = "A later request for this file took its place."
CHANGED = "The file has changed; what it holds now goes through every stage by itself."

LOCK = 7_205_759
"""First key of the advisory locks of jobs: who hands out a job's files, and who calls it off, take turns."""

# An item belongs to the stage that its job is about; the stages after it carry the same run.
SETTLE_ITEM = """
    UPDATE job_items SET state = %(state)s, reason = %(reason)s, settled_at = now()
    FROM jobs
    WHERE jobs.id = %(job_id)s AND jobs.kind = %(stage)s AND job_items.job_id = jobs.id
      AND job_items.file_id = %(file_id)s AND job_items.state = 'pending'
"""

# Only the job that the stage waits for gives way: what is listed elsewhere and not begun has its turn still to come.
GIVE_WAY = """
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    FROM file_stages JOIN jobs ON jobs.id = file_stages.run_id AND jobs.kind = file_stages.stage
    WHERE file_stages.file_id = ANY(%(file_ids)s::uuid[]) AND file_stages.stage = %(stage)s AND file_stages.state = 'pending'
      AND job_items.job_id = jobs.id AND job_items.file_id = file_stages.file_id AND job_items.state = 'pending'
      AND jobs.id <> %(job_id)s
    RETURNING jobs.id
"""

FILES_CHANGED = """
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    FROM jobs
    WHERE jobs.id = job_items.job_id AND jobs.kind = ANY(%(stages)s::text[])
      AND job_items.file_id = ANY(%(file_ids)s::uuid[]) AND job_items.state = 'pending'
    RETURNING jobs.id
"""

# Whoever settles items holds the job: of two that settle the last ones at once, the later sees that none is left.
HOLD = "SELECT FROM jobs WHERE id = %(job_id)s FOR NO KEY UPDATE"

COMPLETE = """
    UPDATE jobs SET state = 'done', finished_at = now()
    WHERE id = %(job_id)s AND state = 'running' AND listed_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM job_items WHERE job_id = jobs.id AND state = 'pending')
"""


async def settle_item(
    connection: Connection, job_id: UUID, stage: Stage, file_id: UUID, state: StageState, reason: str | None
) -> None:
    """Note what became of a file at the job that asked for the stage; nothing if the run is no such job."""
    values = {"job_id": job_id, "stage": stage, "file_id": file_id, "state": state, "reason": reason}
    cursor = await connection.execute(SETTLE_ITEM, values)
    if cursor.rowcount:
        await complete(connection, job_id)


async def give_way(connection: Connection, stage: Stage, file_ids: Sequence[UUID], job_id: UUID) -> None:
    """Settle these files in every other job about the stage, which will not see their end any more."""
    values = {"stage": stage, "file_ids": list(file_ids), "job_id": job_id, "reason": OVERTAKEN}
    await _complete_all(connection, GIVE_WAY, values)


async def files_changed(connection: Connection, file_ids: Sequence[UUID]) -> None:
    """Settle these files in every job about a stage: they begin anew, and nobody will tell of their old content any more."""
    values = {"stages": list(Stage), "file_ids": list(file_ids), "reason": CHANGED}
    await _complete_all(connection, FILES_CHANGED, values)


async def take_turn(connection: Connection, job_id: UUID) -> None:
    """Keep others from handing out the files of the job, or calling it off, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, str(job_id)))


async def complete(connection: Connection, job_id: UUID) -> None:
    """End a job whose items all have a result, and tell of it."""
    await connection.execute(HOLD, {"job_id": job_id})
    cursor = await connection.execute(COMPLETE, {"job_id": job_id})
    if cursor.rowcount:
        counts = await jobs.item_counts(connection, job_id)
        fact = BatchCompleted(job_id=job_id, done=counts["done"], skipped=counts["skipped"], failed=counts["failed"])
        await outbox.enqueue(connection, fact, source="batch")


async def _complete_all(connection: Connection, settle: str, values: dict[str, object]) -> None:
    cursor = await connection.execute(settle.encode(), values)
    for job_id in sorted({row[0] for row in await cursor.fetchall()} if cursor.rowcount else ()):
        await complete(connection, job_id)
