"""SQL of uploads, as the ingest service needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from shared.contracts import StageState
from shared.database import Connection
from shared.errors import NotFound
from shared.uploads import UploadState

FIND = """
    SELECT uploads.id, name, object_key, last_modified, uploads.created_at, uploads.state, jobs.state AS job_state
    FROM uploads JOIN jobs USING (id) WHERE uploads.id = %(id)s
"""

# Every name that a numbered one can collide with begins like it: a stretch of the index.
NAMES = "SELECT path FROM files WHERE path_raw >= %(stem)s AND path_raw < %(end)s"

SETTLE = """
    WITH upload AS (
        UPDATE uploads SET state = %(state)s, note = %(note)s, file_id = %(file_id)s WHERE id = %(id)s RETURNING id
    )
    UPDATE job_items SET state = %(item)s, reason = %(note)s, file_id = %(file_id)s, kind = %(kind)s,
        path = coalesce(%(path)s, path), settled_at = now()
    FROM upload WHERE job_id = upload.id
"""

LIES_AT = "UPDATE files SET object_key = %(key)s WHERE id = %(id)s"

EXPIRE = """
    WITH upload AS (
        UPDATE uploads SET state = 'expired', note = %(note)s WHERE state = 'open' AND expires_at < %(now)s RETURNING id
    ), job AS (
        UPDATE jobs SET state = 'failed', error = %(note)s, finished_at = now() FROM upload WHERE jobs.id = upload.id
    )
    UPDATE job_items SET state = 'failed', reason = %(note)s, settled_at = now() FROM upload WHERE job_id = upload.id
"""

FORGOTTEN_PARTS = """
    SELECT key, multipart_id FROM unnest(%(keys)s::text[], %(ids)s::text[]) AS stored (key, multipart_id)
    WHERE NOT EXISTS (
        SELECT FROM uploads WHERE object_key = stored.key AND uploads.multipart_id = stored.multipart_id AND state = 'open'
    )
"""

FORGOTTEN = """
    SELECT key FROM unnest(%(keys)s::text[]) AS key
    WHERE NOT EXISTS (SELECT FROM files WHERE object_key = key)
      AND NOT EXISTS (SELECT FROM uploads WHERE object_key = key AND state IN ('open', 'completed'))
"""


@dataclass(frozen=True)
class Upload:
    """An upload, and how far its job is."""

    id: UUID
    name: str
    object_key: str
    last_modified: int | None
    created_at: datetime
    state: UploadState
    job_state: str


@dataclass(frozen=True)
class Result:
    """What became of an upload."""

    state: UploadState
    note: str | None = None
    file_id: UUID | None = None
    path: str | None = None
    kind: str | None = None

    @property
    def item(self) -> StageState:
        """What became of the one item of its job."""
        return StageState.DONE if self.state in {UploadState.STORED, UploadState.DUPLICATE} else StageState.FAILED


async def find(connection: Connection, upload_id: UUID) -> Upload:
    """An upload; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Upload)) as cursor:
        await cursor.execute(FIND, {"id": upload_id})
        upload = await cursor.fetchone()
    if upload is None:
        raise NotFound("upload", upload_id)
    return upload


async def paths_from(connection: Connection, stem: str) -> set[str]:
    """The paths of the library that begin so."""
    begins = stem.encode()
    cursor = await connection.execute(NAMES, {"stem": begins, "end": begins + b"\xff"})
    return {row[0] for row in await cursor.fetchall()}


async def note_key(connection: Connection, file_id: UUID, key: str) -> None:
    """Note that a file's original lies in the object store."""
    await connection.execute(LIES_AT, {"id": file_id, "key": key})


async def settle(connection: Connection, upload_id: UUID, result: Result) -> None:
    """Note what became of an upload, and of its job's item."""
    await connection.execute(SETTLE, {"id": upload_id, "item": result.item, **vars(result)})


async def expire(connection: Connection, now: datetime, note: str) -> int:
    """Give up uploads whose time is over; answers with their number."""
    return (await connection.execute(EXPIRE, {"now": now, "note": note})).rowcount


async def forgotten_parts(connection: Connection, stored: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those keys and multipart ids that no open upload has."""
    values = {"keys": [key for key, _ in stored], "ids": [multipart_id for _, multipart_id in stored]}
    return await (await connection.execute(FORGOTTEN_PARTS, values)).fetchall()


async def forgotten(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Those keys that neither a file nor an upload on its way has."""
    cursor = await connection.execute(FORGOTTEN, {"keys": list(keys)})
    return [row[0] for row in await cursor.fetchall()]
