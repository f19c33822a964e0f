"""The ingest service's handlers, run by hand on the real Postgres, and what they leave there."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.ingest.handlers import Resources, on_import_approved, on_import_requested
from shared import jobs
from shared.changes import Change
from shared.contracts import FileIngested, ImportApproved, ImportRequested
from shared.jobs import Selection

LISTED = ("new", "moved", "renamed", "changed", "missing", "returned", "duplicate", "unsupported", "unreadable")


@dataclass(frozen=True)
class Library:
    """What the service has done."""

    resources: Resources

    async def request(self, path: Path, **options: Any) -> ImportRequested:
        async with self.resources.platform.database.transaction() as connection:
            return ImportRequested(job_id=await jobs.request_import(connection, path, source="test", **options))

    async def request_rescan(self, path: Path | None, **options: Any) -> ImportRequested:
        async with self.resources.platform.database.transaction() as connection:
            return ImportRequested(job_id=await jobs.request_rescan(connection, path, source="test", **options))

    async def ingest(self, path: Path, **options: Any) -> UUID:
        event = await self.request(path, **options)
        await on_import_requested(event, self.resources)
        return event.job_id

    async def rescan(self, path: Path | None, *, apply: bool = True, **options: Any) -> UUID:
        event = await self.request_rescan(path, apply=apply, **options)
        await on_import_requested(event, self.resources)
        return event.job_id

    async def approve(self, job_id: UUID, **selection: Any) -> None:
        async with self.resources.platform.database.transaction() as connection:
            await jobs.approve(connection, job_id, Selection(**selection), source="test")
        await on_import_approved(ImportApproved(job_id=job_id), self.resources)

    async def cancel(self, job_id: UUID) -> None:
        async with self.resources.platform.database.transaction() as connection:
            await jobs.cancel(connection, job_id, source="test")

    async def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        async with (
            self.resources.platform.database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def job(self, job_id: UUID) -> dict[str, Any]:
        [job] = await self.rows("SELECT * FROM jobs WHERE id = %s", job_id)
        return job

    async def files(self) -> dict[str, dict[str, Any]]:
        return {Path(row["path"]).name: row for row in await self.rows("SELECT * FROM files ORDER BY missing_since")}

    async def ids(self) -> dict[str, UUID]:
        return {name: file["id"] for name, file in (await self.files()).items()}

    async def items(self, job_id: UUID) -> dict[str, dict[str, Any]]:
        rows = await self.rows("SELECT * FROM job_items WHERE job_id = %s", job_id)
        return {Path(row["path"]).name: row for row in rows}

    async def changes(self, job_id: UUID) -> dict[str, set[str]]:
        """Names by change; what is unchanged is left out."""
        rows = await self.rows("SELECT path, change FROM job_items WHERE job_id = %s", job_id)
        found: dict[str, set[str]] = {}
        for row in rows:
            if row["change"] != Change.UNCHANGED:
                found.setdefault(row["change"], set()).add(Path(row["path"]).name)
        return found

    async def events(self, subject: str) -> list[dict[str, Any]]:
        return [row["body"] for row in await self.rows("SELECT body FROM outbox WHERE subject = %s ORDER BY position", subject)]

    async def told(self, *subjects: str) -> list[tuple[str, UUID]]:
        """Subject and file of the events of these subjects, in order."""
        rows = await self.rows("SELECT subject, key FROM outbox WHERE subject = ANY(%s) ORDER BY position", list(subjects))
        return [(row["subject"], row["key"]) for row in rows]

    async def ingested(self) -> list[tuple[str, int]]:
        bodies = await self.events(FileIngested.subject)
        return sorted((Path(body["path"]).name, body["revision"]) for body in bodies)

    async def stages(self, name: str) -> dict[str, tuple[str, int, object]]:
        """State, revision and run of each stage of the file with this name."""
        query = "SELECT stages.* FROM file_stages AS stages JOIN files ON files.id = file_id WHERE path LIKE %s"
        return {row["stage"]: (row["state"], row["revision"], row["run_id"]) for row in await self.rows(query, f"%{name}")}

    async def settle_stages(self, state: str = "done", stages: Sequence[str] = ()) -> None:
        """Let every pending stage, or these, be settled."""
        await self.rows(
            "UPDATE file_stages SET state = %s, settled_at = now() WHERE state = 'pending' AND (%s OR stage = ANY(%s))",
            state, not stages, list(stages),
        )  # fmt: skip
