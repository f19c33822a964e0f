"""Jobs: what people asked for on many files, as rows, so that progress, cancelling and retrying survive any restart."""

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self
from uuid import UUID

from psycopg.rows import class_row, dict_row
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from shared import outbox
from shared.analyses import NOBODY
from shared.changes import Change
from shared.contracts import ImportApproved, ImportCancelled, ImportRequested
from shared.database import Connection
from shared.errors import Conflict, Invalid, KeyReused, NotFound
from shared.identifiers import new_id
from shared.paths import shown

CREATE = """
    INSERT INTO jobs (id, kind, request, asked_by) VALUES (%(id)s, %(kind)s, %(request)s, %(asked_by)s)
    ON CONFLICT (id) DO NOTHING
"""

JOB = """
    SELECT id, kind, state, request, error, listed_at, created_at, started_at, finished_at, phase, progress, asked_by
    FROM jobs WHERE id = %(id)s
"""

START = """
    UPDATE jobs SET state = 'running', started_at = coalesce(started_at, now()), error = NULL, finished_at = NULL
    WHERE id = %(id)s AND state IN ('pending', 'failed')
"""

FINISH = """
    UPDATE jobs SET state = %(state)s, error = %(error)s, finished_at = now() WHERE id = %(id)s AND finished_at IS NULL
"""

REPORT = "UPDATE jobs SET state = 'reported', phase = 'reported' WHERE id = %(id)s AND state = 'running'"

APPROVE = """
    UPDATE jobs SET state = 'running', phase = 'applying',
        request = request || jsonb_build_object('selection', %(selection)s::jsonb)
    WHERE id = %(id)s AND state = 'reported'
"""

CANCEL = "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = %(id)s AND finished_at IS NULL"

LEAVE_OUT = """
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    WHERE job_id = %(id)s AND state = 'pending'
"""

COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'failed') AS failed
    FROM job_items WHERE job_id = %(id)s
"""


CANCELLED = "The {} was cancelled before it came to this file."


class Selection(BaseModel):
    """Which items of a report to apply: those of these changes and these paths, but not those excepted; None means all.

    A copy (`duplicate`) becomes a file of its own only if its change or its path is named.
    """

    model_config = ConfigDict(frozen=True)

    changes: list[Change] | None = None
    paths: list[str] | None = None
    excepted: list[str] = []


class ImportRequest(BaseModel):
    """The request of a job of kind `import` or `rescan`: a place on the machine on which the ingest service runs."""

    model_config = ConfigDict(frozen=True)

    path_raw: Base64Bytes | None = Field(
        description="The path as the file system has it, which need not be UTF-8; null for all that was ever imported."
    )
    path: str | None = Field(description="The same, as shown to people.")
    recursive: bool = Field(True, description="Whether the folders in a folder are looked through too.")
    apply: bool = Field(True, description="Whether what is found is applied at once; else it is reported and waits.")
    duplicates: Literal["skip", "import"] = Field(
        "skip", description="Whether a second copy of a content that the library has becomes a file of its own."
    )
    selection: Selection | None = Field(None, description="What was approved of the report.")
    unsettled: list[Base64Bytes] = Field([], description="Paths that are still being written, and are left as they are.")
    settle: float = Field(0.0, description="Seconds for which a file must not have been written to; else it is left as it is.")

    @classmethod
    def of(cls, path: Path | None, **options: Any) -> Self:
        """For a path that is given in full, or for everything; raises Invalid."""
        if path is None:
            return cls(path_raw=None, path=None, **options)
        if not path.is_absolute() or ".." in path.parts:
            raise Invalid(f"Give the path in full, from the root and without '..', instead of {path}.")
        path_raw = os.fsencode(path)
        return cls(path_raw=base64.b64encode(path_raw), path=shown(path_raw), **options)

    @property
    def location(self) -> Path | None:
        """The path to open; None for everything."""
        return None if self.path_raw is None else Path(os.fsdecode(self.path_raw))


@dataclass(frozen=True)
class Job:
    """A row of `jobs`; `listed_at` is when all of its items were known, `progress` is in the words of its service.

    `asked_by` is a person's name; None for jobs from before there were people.
    """

    id: UUID
    kind: str
    state: str
    request: dict[str, Any]
    error: str | None
    listed_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    phase: str | None
    progress: dict[str, Any]
    asked_by: str | None = None


async def create(connection: Connection, kind: str, request: dict[str, Any], *, asked_by: str = NOBODY) -> UUID:
    """A new job, which waits for its first event."""
    job_id, _ = await begin(connection, kind, request, asked_by=asked_by)
    return job_id


async def begin(
    connection: Connection, kind: str, request: dict[str, Any], *, asked_by: str = NOBODY, job_id: UUID | None = None
) -> tuple[UUID, bool]:
    """A job that waits for its first event, and whether it is new: under an id that is given, it can be there already.

    Raises KeyReused if another request was made under that id.
    """
    identifier = job_id or new_id()
    values = {"id": identifier, "kind": kind, "request": json.dumps(request), "asked_by": asked_by}
    cursor = await connection.execute(CREATE, values)
    if cursor.rowcount:
        return identifier, True
    known = await find(connection, identifier)
    if known.kind != kind or _asked(known.request) != _asked(request):
        raise KeyReused
    return identifier, False


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    """A request without what was approved of it since."""
    return {name: value for name, value in request.items() if name != "selection"}


async def request_import(
    connection: Connection,
    path: Path,
    *,
    source: str,
    recursive: bool = True,
    apply: bool = True,
    duplicates: Literal["skip", "import"] = "skip",
    asked_by: str = NOBODY,
    job_id: UUID | None = None,
) -> UUID:
    """An import of a file or folder, requested by way of the service `source`; raises Invalid unless in full.

    It is a new one unless there is one of this id, asked for alike; raises KeyReused if another request was made under it.
    """
    request = ImportRequest.of(path, recursive=recursive, apply=apply, duplicates=duplicates)
    return await _request(connection, "import", request, source, asked_by, job_id)


async def request_rescan(
    connection: Connection,
    path: Path | None,
    *,
    source: str,
    recursive: bool = True,
    apply: bool = False,
    unsettled: Iterable[Path] = (),
    settle: float = 0.0,
    asked_by: str = NOBODY,
    job_id: UUID | None = None,
) -> UUID:
    """A look at a place of the library, or at all of it, by way of the service `source`; raises Invalid unless in full.

    It is a new one unless there is one of this id, asked for alike; raises KeyReused if another request was made under it.
    Paths that are `unsettled` are left as they are: they are still being written. So are those that turn out to be written to
    within `settle` seconds.
    """
    paths = [base64.b64encode(os.fsencode(path)) for path in unsettled]
    request = ImportRequest.of(path, recursive=recursive, apply=apply, unsettled=paths, settle=settle)
    return await _request(connection, "rescan", request, source, asked_by, job_id)


async def approve(connection: Connection, job_id: UUID, selection: Selection, *, source: str) -> None:
    """Have what an import or rescan reported applied, or the selection of it; raises NotFound, or Conflict in another state."""
    cursor = await connection.execute(APPROVE, {"id": job_id, "selection": selection.model_dump_json()})
    if cursor.rowcount == 0:
        raise Conflict(_no_report(await find(connection, job_id)))
    await outbox.enqueue(connection, ImportApproved(job_id=job_id), source=source)


async def cancel(connection: Connection, job_id: UUID, *, source: str) -> None:
    """Call an import or rescan off; what it took in stays. Raises NotFound, or Conflict if it has ended."""
    cursor = await connection.execute(CANCEL, {"id": job_id})
    job = await find(connection, job_id)
    if cursor.rowcount == 0:
        raise Conflict(f"This {job.kind} has ended already ({job.state}); there is nothing to cancel.")
    await connection.execute(LEAVE_OUT, {"id": job_id, "reason": CANCELLED.format(job.kind)})
    await outbox.enqueue(connection, ImportCancelled(job_id=job_id), source=source)


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


async def report(connection: Connection, job_id: UUID) -> bool:
    """Let a running job wait until somebody has read its report; False if it does not run."""
    cursor = await connection.execute(REPORT, {"id": job_id})
    return cursor.rowcount == 1


async def finish(connection: Connection, job_id: UUID, state: str, error: str | None = None) -> bool:
    """Note the job's end; False if it had ended before."""
    cursor = await connection.execute(FINISH, {"id": job_id, "state": state, "error": error})
    return cursor.rowcount == 1


async def item_counts(connection: Connection, job_id: UUID) -> dict[str, int]:
    """Items of the job by state."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(COUNTS, {"id": job_id})
        return await cursor.fetchone() or {}


async def _request(
    connection: Connection, kind: str, request: ImportRequest, source: str, asked_by: str, job_id: UUID | None
) -> UUID:
    asked = request.model_dump(mode="json")
    identifier, is_new = await begin(connection, kind, asked, asked_by=asked_by, job_id=job_id)
    if is_new:
        await outbox.enqueue(connection, ImportRequested(job_id=identifier), source=source)
    return identifier


def _no_report(job: Job) -> str:
    if job.finished_at is not None:
        return f"This {job.kind} has ended already ({job.state}); start another to see what there is to apply."
    return f"This {job.kind} has no report that waits: it is still {job.phase or job.state}. Ask again when it is reported."
