"""Files in every state, and batches about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.ingest.batches.handlers import on_batch_requested
from shared import batch_requests, jobs
from shared.batch_requests import BatchRequest
from shared.contracts import BatchRequested, Kind, Stage
from shared.database import Connection, Database
from shared.identifiers import new_id
from shared.jobs import Job
from shared.service import Platform

FILE = """
    INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, duration)
    VALUES (%(id)s, %(path)s, convert_to(%(path)s, 'UTF8'), %(kind)s, %(size)s, 0, %(fingerprint)s, %(duration)s)
"""
STAGES = """
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT %(id)s, stage, 1, state, CASE WHEN state <> 'pending' THEN now() END
    FROM unnest(%(stages)s::text[], %(states)s::text[]) AS told (stage, state)
"""
MANY = """
    WITH added AS (
        INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, duration)
        SELECT gen_random_uuid(), path, convert_to(path, 'UTF8'), 'video', 1000, 0, sha256(convert_to(path, 'UTF8')), 10
        FROM generate_series(1, %(number)s) AS place, LATERAL (SELECT '/many/' || place || '.mp4' AS path) AS named
        RETURNING id
    )
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT id, stage, 1, 'done', now() FROM added, unnest(%(stages)s::text[]) AS stage
"""


@dataclass(frozen=True)
class Asked:
    """An event that asks for a stage of a file, as it is in the outbox."""

    file_id: UUID
    subject: str
    address: str
    body: dict[str, Any]


async def file_at(
    connection: Connection,
    path: str,
    kind: Kind = Kind.VIDEO,
    *,
    size: int = 1000,
    duration: float | None = None,
    **states: str,
) -> UUID:
    """A file that is done in every stage, but for those named."""
    file_id = new_id()
    values = {"id": file_id, "path": path, "kind": kind, "size": size, "fingerprint": file_id.bytes * 2, "duration": duration}
    told = {stage: states.get(stage, "done") for stage in map(str, Stage)}
    await connection.execute(FILE, values)
    await connection.execute(STAGES, {"id": file_id, "stages": list(told), "states": list(told.values())})
    return file_id


async def many_files(connection: Connection, number: int) -> None:
    """Videos that are done in every stage."""
    await connection.execute(MANY, {"number": number, "stages": list(Stage)})


async def requested(database: Database, stage: Stage, **request: Any) -> UUID:
    """A batch that nobody has taken up; its id."""
    async with database.transaction() as connection:
        return await batch_requests.begin(connection, stage, BatchRequest.model_validate(request), source="test")


async def dispatched(platform: Platform, stage: Stage, **request: Any) -> UUID:
    """A batch whose files are handed out; its id."""
    job_id = await requested(platform.database, stage, **request)
    await on_batch_requested(BatchRequested(job_id=job_id), platform)
    return job_id


async def job_of(database: Database, job_id: UUID) -> Job:
    async with database.connection() as connection:
        return await jobs.find(connection, job_id)


async def items_of(database: Database, job_id: UUID) -> dict[str, dict[str, Any]]:
    """The items of a job, by path."""
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM job_items WHERE job_id = %s ORDER BY path_raw", (job_id,))
        return {row["path"]: row for row in await cursor.fetchall()}


async def results_of(database: Database, job_id: UUID) -> Mapping[str, tuple[str, str | None]]:
    """State and reason of each item, by path."""
    return {path: (item["state"], item["reason"]) for path, item in (await items_of(database, job_id)).items()}


async def asked_for(database: Database, job_id: UUID) -> list[Asked]:
    """What a job has asked for, in the order in which it did."""
    statement = "SELECT key, subject, address, body FROM outbox WHERE run_id = %s ORDER BY position"
    async with database.connection() as connection:
        cursor = await connection.execute(statement, (job_id,))
        return [Asked(*row) for row in await cursor.fetchall()]
