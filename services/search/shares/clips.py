"""Has clips cut for links: one for each span of a content, whoever shares it."""

from dataclasses import dataclass
from uuid import UUID

from shared import jobs
from shared.clips import JOB
from shared.contracts import ClipRequested
from shared.effects import Effect

# Held until the transaction ends, so that nobody removes the clip, and nobody ends its job, as one that is not shared.
WANT = """
    INSERT INTO clips (key, job_id, file_id, revision, starts, ends)
    VALUES (%(key)s, %(job_id)s, %(file_id)s, %(revision)s, %(starts)s, %(ends)s)
    ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING job_id
"""
STATE = "SELECT state FROM jobs WHERE id = %(id)s"
AGAIN = "UPDATE clips SET job_id = %(job_id)s, bytes = NULL, made_at = NULL WHERE key = %(key)s"
DROP = "DELETE FROM jobs WHERE id = %(id)s"


@dataclass(frozen=True)
class Wanted:
    """A clip that is to be there."""

    key: str
    file_id: UUID
    revision: int
    starts: float
    ends: float


async def want(effect: Effect, clip: Wanted, *, asked_by: str) -> None:
    """Have a clip cut, unless it is there or under way; one that failed or was called off is tried again."""
    connection = effect.connection
    request = {"file_id": str(clip.file_id), "starts": clip.starts, "ends": clip.ends}
    job_id = await jobs.create(connection, JOB, request, asked_by=asked_by)
    row = await (await connection.execute(WANT, {**vars(clip), "job_id": job_id})).fetchone()
    assert row is not None
    if row[0] != job_id:
        state = await (await connection.execute(STATE, {"id": row[0]})).fetchone()
        if state is not None and state[0] not in {"failed", "cancelled"}:
            await connection.execute(DROP, {"id": job_id})
            return
        await connection.execute(AGAIN, {"key": clip.key, "job_id": job_id})
    await effect.emit(ClipRequested(job_id=job_id))
