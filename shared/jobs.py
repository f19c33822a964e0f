"""Jobs: what people asked for on many files, as rows, so that progress, cancelling and retrying survive any restart."""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from psycopg.rows import class_row, dict_row
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from shared import outbox
from shared.contracts import ImportRequested
from shared.database import Connection
from shared.errors import Invalid, NotFound
from shared.identifiers import new_id
from shared.paths import shown

CREATE = "INSERT INTO jobs (id, kind, request) VALUES (%(id)s, %(kind)s, %(request)s)"

JOB = """
    SELECT id, kind, state, request, error, listed_at, created_at, started_at, finished_at FROM jobs WHERE id = %(id)s
"""

START = """
    UPDATE jobs SET state = 'running', started_at = coalesce(started_at, now()), error = NULL, finished_at = NULL
    WHERE id = %(id)s AND state IN ('pending', 'failed')
"""

FINISH = """
    UPDATE jobs SET state = %(state)s, error = %(error)s, finished_at = now() WHERE id = %(id)s AND finished_at IS NULL
"""

COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'failed') AS failed
    FROM job_items WHERE job_id = %(id)s
"""


class ImportRequest(BaseModel):
    """The request of a job of kind `import`: a file or folder of the machine on which the ingest service runs."""

    model_config = ConfigDict(frozen=True)

    path_raw: Base64Bytes = Field(description="The path as the file system has it; it need not be UTF-8.")
    path: str = Field(description="The same, as shown to people.")
    recursive: bool = Field(True, description="Whether the folders in a folder are imported too.")

    @classmethod
    def of(cls, path: Path, *, recursive: bool = True) -> Self:
        """For a path that is given in full; raises Invalid."""
        if not path.is_absolute() or ".." in path.parts:
            raise Invalid(f"Give the path in full, from the root and without '..', instead of {path}.")
        path_raw = os.fsencode(path)
        return cls(path_raw=base64.b64encode(path_raw), path=shown(path_raw), recursive=recursive)

    @property
    def location(self) -> Path:
        """The path to open."""
        return Path(os.fsdecode(self.path_raw))


@dataclass(frozen=True)
class Job:
    """A row of `jobs`; `listed_at` is when all of its items were known."""

    id: UUID
    kind: str
    state: str
    request: dict[str, Any]
    error: str | None
    listed_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


async def create(connection: Connection, kind: str, request: dict[str, Any]) -> UUID:
    """A new job, which waits for its first event."""
    job_id = new_id()
    await connection.execute(CREATE, {"id": job_id, "kind": kind, "request": json.dumps(request)})
    return job_id


async def request_import(connection: Connection, path: Path, *, source: str, recursive: bool = True) -> UUID:
    """A new import of a file or folder, requested in the name of the service `source`; raises Invalid unless in full."""
    request = ImportRequest.of(path, recursive=recursive)
    job_id = await create(connection, "import", request.model_dump(mode="json"))
    await outbox.enqueue(connection, ImportRequested(job_id=job_id), source=source)
    return job_id


async def find(connection: Connection, job_id: UUID) -> Job:
    """The job; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(JOB, {"id": job_id})
        job = await cursor.fetchone()
    if job is None:
        raise NotFound("job", job_id)
    return job


async def start(connection: Connection, job_id: UUID) -> None:
    """Note that work on the job has begun, or begins again after it had failed; it keeps the time of its first begin."""
    await connection.execute(START, {"id": job_id})


async def finish(connection: Connection, job_id: UUID, state: str, error: str | None = None) -> bool:
    """Note the job's end; False if it had ended before."""
    cursor = await connection.execute(FINISH, {"id": job_id, "state": state, "error": error})
    return cursor.rowcount == 1


async def item_counts(connection: Connection, job_id: UUID) -> dict[str, int]:
    """Items of the job by state."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(COUNTS, {"id": job_id})
        return await cursor.fetchone() or {}
