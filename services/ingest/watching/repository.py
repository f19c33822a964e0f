"""The rows of watched folders, as the ingest service reads and writes them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from services.ingest.watching.notices import Poll
from shared.database import Connection

LEADER_LOCK = 7_205_759_406
"""Key of the advisory lock that the one process holds that watches; it is released when its connection ends."""

WANTED = "SELECT id, path_raw, recursive, settle_seconds, poll, asked_by FROM watches WHERE enabled"

NOTE = """
    UPDATE watches SET state = %(state)s, reason = %(reason)s, looked_at = now()
    WHERE id = %(id)s AND (state, reason) IS DISTINCT FROM (%(state)s, %(reason)s::text)
"""

BEAT = "UPDATE watches SET looked_at = now() WHERE id = ANY(%(ids)s)"

ASKED = "UPDATE watches SET job_id = %(job_id)s, changed_at = now() WHERE id = %(id)s"

IS_BUSY = """
    SELECT EXISTS (
        SELECT FROM watches JOIN jobs ON jobs.id = watches.job_id
        WHERE watches.id = %(id)s AND jobs.finished_at IS NULL AND jobs.state <> 'reported')
"""

# The folders between a root and a file tell what the file is about, so a file must not come in under a root of its own.
HAS_ROOT = """
    SELECT EXISTS (SELECT FROM files WHERE root <> '' AND (root = %(path)s OR starts_with(%(path)s, root || %(separator)s)))
"""

HAS_FILES = """
    SELECT EXISTS (
        SELECT FROM files WHERE missing_since IS NULL AND starts_with(path, %(path)s || %(separator)s))
"""


@dataclass(frozen=True)
class Watch:
    """What to watch, and how; `asked_by` is None for watches from before there were people."""

    id: UUID
    path_raw: bytes
    recursive: bool
    settle_seconds: float
    poll: Poll
    asked_by: str | None = None


async def lead(connection: Connection) -> bool:
    """Become the process that watches, for as long as the connection lasts; False if another is."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%(key)s)", {"key": LEADER_LOCK})
    row = await cursor.fetchone()
    return bool(row and row[0])


async def follow(connection: Connection) -> None:
    """Let another process watch."""
    await connection.execute("SELECT pg_advisory_unlock(%(key)s)", {"key": LEADER_LOCK})


async def wanted(connection: Connection) -> list[Watch]:
    """What is to be watched now."""
    async with connection.cursor(row_factory=class_row(Watch)) as cursor:
        await cursor.execute(WANTED)
        return await cursor.fetchall()


async def note(connection: Connection, watch: Watch, state: Literal["events", "polling", "away"], reason: str | None) -> bool:
    """Say how a folder is watched, or why it is not; False if that was said already."""
    cursor = await connection.execute(NOTE, {"id": watch.id, "state": state, "reason": reason})
    return cursor.rowcount == 1


async def beat(connection: Connection, ids: list[UUID]) -> None:
    """Give a sign of life for these watches."""
    await connection.execute(BEAT, {"ids": ids})


async def note_asked(connection: Connection, watch: Watch, job_id: UUID) -> None:
    """Note the job that was asked for."""
    await connection.execute(ASKED, {"id": watch.id, "job_id": job_id})


async def is_busy(connection: Connection, watch: Watch) -> bool:
    """Whether the last job that was asked for is not at its end."""
    return await _asks(connection, IS_BUSY, {"id": watch.id})


async def has_root(connection: Connection, path: str, separator: str) -> bool:
    """Whether there are files in the library that came with this folder, or with one around it."""
    return await _asks(connection, HAS_ROOT, {"path": path, "separator": separator})


async def has_files(connection: Connection, path: str, separator: str) -> bool:
    """Whether the library has files in this folder that are not missing."""
    return await _asks(connection, HAS_FILES, {"path": path.removesuffix(separator), "separator": separator})


async def _asks(connection: Connection, question: str, values: dict[str, object]) -> bool:
    cursor = await connection.execute(question.encode(), values)
    row = await cursor.fetchone()
    return bool(row and row[0])
