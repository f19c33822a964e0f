"""SQL of uploads, as the gateway needs it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from shared.database import Connection
from shared.errors import NotFound
from shared.parts import Cut
from shared.uploads import JOB_KIND, UploadRequest, UploadState

COLUMNS = "id, name, object_key, multipart_id, size, part_size, state, note, file_id, created_at, expires_at"

FIND = f"SELECT {COLUMNS} FROM uploads WHERE id = %(id)s"  # noqa: S608 - the columns are ours

SAME = f"""
    UPDATE uploads SET expires_at = now() + make_interval(secs => %(lifetime)s)
    WHERE name = %(name)s AND size = %(size)s AND last_modified = %(last_modified)s AND part_size = %(part_size)s
      AND state = 'open'
    RETURNING {COLUMNS}
"""  # noqa: S608 - the columns are ours

RENEW = f"""
    UPDATE uploads SET expires_at = now() + make_interval(secs => %(lifetime)s) WHERE id = %(id)s AND state = 'open'
    RETURNING {COLUMNS}
"""  # noqa: S608 - the columns are ours

OPEN = f"SELECT {COLUMNS} FROM uploads WHERE state = 'open' ORDER BY id LIMIT %(limit)s"  # noqa: S608 - the columns are ours

# Of two that begin the same upload at once, the second adds nothing.
ADD = """
    WITH upload AS (
        INSERT INTO uploads (id, name, object_key, multipart_id, size, part_size, last_modified, expires_at)
        VALUES (%(id)s, %(name)s, %(key)s, %(multipart_id)s, %(size)s, %(part_size)s, %(last_modified)s,
                now() + make_interval(secs => %(lifetime)s))
        ON CONFLICT (name, size, last_modified, part_size) WHERE state = 'open' DO NOTHING RETURNING id, name, size
    ), job AS (
        INSERT INTO jobs (id, kind, request, asked_by, listed_at)
        SELECT id, %(kind)s, %(request)s, %(asked_by)s, now() FROM upload
    )
    INSERT INTO job_items (job_id, path_raw, path, size) SELECT id, convert_to(name, 'UTF8'), name, size FROM upload
"""

COMPLETE = "UPDATE uploads SET state = 'completed', size = %(size)s WHERE id = %(id)s AND state = 'open'"

ABORT = """
    WITH upload AS (
        UPDATE uploads SET state = 'aborted', note = %(note)s WHERE id = %(id)s AND state = 'open' RETURNING id
    ), job AS (
        UPDATE jobs SET state = 'cancelled', error = %(note)s, finished_at = now() FROM upload WHERE jobs.id = upload.id
    )
    UPDATE job_items SET state = 'skipped', reason = %(note)s, settled_at = now() FROM upload WHERE job_id = upload.id
"""


@dataclass(frozen=True)
class Upload:
    """A row of `uploads`."""

    id: UUID
    name: str
    object_key: str
    multipart_id: str
    size: int | None
    part_size: int
    state: UploadState
    note: str | None
    file_id: UUID | None
    created_at: datetime
    expires_at: datetime

    @property
    def cut(self) -> Cut:
        """How it is cut into parts; of a stream that has not ended, nothing is known yet."""
        assert self.size is not None
        return Cut(self.size, self.part_size)


@dataclass(frozen=True)
class Beginning:
    """An upload to be noted."""

    id: UUID
    key: str
    multipart_id: str
    part_size: int


async def add(connection: Connection, beginning: Beginning, request: UploadRequest, *, lifetime: float, asked_by: str) -> bool:
    """Note an upload and its job; False if the same file is being uploaded already."""
    values = {
        **vars(beginning),
        "name": request.name,
        "size": request.size,
        "last_modified": request.last_modified,
        "lifetime": lifetime,
        "kind": JOB_KIND,
        "request": request.model_dump_json(),
        "asked_by": asked_by,
    }
    cursor = await connection.execute(ADD, values)
    return cursor.rowcount == 1


async def find(connection: Connection, upload_id: UUID) -> Upload:
    """An upload; raises NotFound."""
    upload = await _one(connection, FIND, {"id": upload_id})
    if upload is None:
        raise NotFound("upload", upload_id)
    return upload


async def find_same(connection: Connection, request: UploadRequest, part_size: int, *, lifetime: float) -> Upload | None:
    """The upload of the same file that waits for its parts, if there is one, given more time."""
    values = {**request.model_dump(), "part_size": part_size, "lifetime": lifetime}
    return await _one(connection, SAME, values)


async def renew(connection: Connection, upload_id: UUID, *, lifetime: float) -> Upload | None:
    """Give an upload that waits for its parts more time; None if it waits no more."""
    return await _one(connection, RENEW, {"id": upload_id, "lifetime": lifetime})


async def find_open(connection: Connection, limit: int) -> list[Upload]:
    """Uploads that wait for their parts, the oldest first."""
    async with connection.cursor(row_factory=class_row(Upload)) as cursor:
        await cursor.execute(OPEN, {"limit": limit})
        return await cursor.fetchall()


async def complete(connection: Connection, upload_id: UUID, size: int) -> bool:
    """Note that all bytes are there; False if the upload waits for them no more."""
    cursor = await connection.execute(COMPLETE, {"id": upload_id, "size": size})
    return cursor.rowcount == 1


async def abort(connection: Connection, upload_id: UUID, note: str) -> None:
    """Note that an upload is called off, unless it waits for its parts no more."""
    await connection.execute(ABORT, {"id": upload_id, "note": note})


async def _one(connection: Connection, query: str, values: dict[str, object]) -> Upload | None:
    async with connection.cursor(row_factory=class_row(Upload)) as cursor:
        await cursor.execute(query.encode(), values)
        return await cursor.fetchone()
