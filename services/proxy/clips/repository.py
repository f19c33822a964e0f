"""SQL of clips, as the proxy service cuts and removes them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.proxy.renditions import Source
from shared.contracts import Kind
from shared.database import Connection

FIND = """
    SELECT clips.key, clips.job_id, clips.starts, clips.ends, clips.revision, files.id AS file_id, files.revision AS present,
           files.kind, files.path_raw, files.size, files.modified_ns, files.duration, files.object_key,
           coalesce(jsonb_typeof(files.metadata->'audio') = 'object', false) AS has_audio,
           (SELECT key FROM renditions WHERE file_id = files.id AND name = 'proxy' AND renditions.revision = files.revision)
               AS proxy_key
    FROM clips JOIN files ON files.id = clips.file_id WHERE clips.job_id = %(job_id)s
"""

IS_SHARED = """
    EXISTS (SELECT FROM shares WHERE clip_key = clips.key AND revoked_at IS NULL AND expires_at > {now})
"""
SHARED_NOW, SHARED_THEN = IS_SHARED.format(now="now()"), IS_SHARED.format(now="%(now)s")

NOTE = f"""
    UPDATE jobs SET progress = %(progress)s FROM clips
    WHERE jobs.id = %(job_id)s AND clips.job_id = jobs.id AND jobs.state = 'running' AND {SHARED_NOW}
"""  # noqa: S608 - the condition is ours

# The clip before its job, so that no two wait for each other. Who shares the clip holds its row meanwhile: either they come
# first and the clip is wanted, or they find it cancelled.
HOLD = "SELECT FROM clips WHERE job_id = %(job_id)s FOR UPDATE"
CALL_OFF = f"""
    UPDATE jobs SET state = 'cancelled', finished_at = now()
    WHERE id = %(job_id)s AND finished_at IS NULL
      AND NOT EXISTS (SELECT FROM clips WHERE clips.job_id = jobs.id AND {SHARED_NOW})
"""  # noqa: S608 - the condition is ours
IS_OVER = "SELECT finished_at IS NOT NULL FROM jobs WHERE id = %(job_id)s"

SAVE = "UPDATE clips SET bytes = %(bytes)s, made_at = now() WHERE job_id = %(job_id)s"

UNSHARED = f"""
    SELECT key FROM clips WHERE NOT {SHARED_THEN} ORDER BY key LIMIT %(limit)s FOR UPDATE
"""  # noqa: S608 - the condition is ours
# A second statement, which sees what was shared while the first one waited for its locks.
FORGET = f"DELETE FROM clips WHERE key = ANY(%(keys)s::text[]) AND NOT {SHARED_THEN} RETURNING key, job_id"  # noqa: S608
CANCEL = "UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE id = ANY(%(ids)s::uuid[]) AND finished_at IS NULL"

LOCK = "LOCK TABLE clips IN SHARE ROW EXCLUSIVE MODE"
KNOWN = "SELECT key FROM clips WHERE key = ANY(%(keys)s::text[])"


@dataclass(frozen=True)
class Clip:
    """A clip that is to be cut, and what is known of its file; `present` is the file's revision now."""

    key: str
    job_id: UUID
    starts: float
    ends: float
    revision: int
    file_id: UUID
    present: int
    kind: str
    path_raw: bytes
    size: int
    modified_ns: int
    duration: float | None
    object_key: str | None
    has_audio: bool
    proxy_key: str | None

    @property
    def original(self) -> Source:
        """What the proxy is made of."""
        path, kind = Path(os.fsdecode(self.path_raw)), Kind(self.kind)
        known = (self.size, self.modified_ns, self.duration, self.has_audio, self.object_key)
        return Source(self.file_id, self.revision, kind, path, *known)


async def find(connection: Connection, job_id: UUID) -> Clip | None:
    """The clip that a job is to cut; None if nobody wants it any more."""
    async with connection.cursor(row_factory=class_row(Clip)) as cursor:
        await cursor.execute(FIND, {"job_id": job_id})
        return await cursor.fetchone()


async def note(connection: Connection, job_id: UUID, done: float, total: float | None) -> bool:
    """Show how far the cutting is; False if nobody waits for it any more."""
    cursor = await connection.execute(NOTE, {"job_id": job_id, "progress": Jsonb({"done": done, "total": total})})
    return cursor.rowcount == 1


async def call_off(connection: Connection, job_id: UUID) -> bool:
    """End a job whose clip is not shared any more; whether it has ended, now or before."""
    await hold(connection, job_id)
    await connection.execute(CALL_OFF, {"job_id": job_id})
    cursor = await connection.execute(IS_OVER, {"job_id": job_id})
    return await cursor.fetchone() == (True,)


async def hold(connection: Connection, job_id: UUID) -> None:
    """Keep the clip of a job as it is until the transaction ends."""
    await connection.execute(HOLD, {"job_id": job_id})


async def save(connection: Connection, job_id: UUID, size: int) -> None:
    """Note that the clip is in the object store."""
    await connection.execute(SAVE, {"job_id": job_id, "bytes": size})


async def forget_unshared(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Forget clips that no link shares any more, and hold their keys until the transaction ends; answers with the keys."""
    cursor = await connection.execute(UNSHARED, {"now": now, "limit": limit})
    keys = [row[0] for row in await cursor.fetchall()]
    cursor = await connection.execute(FORGET, {"keys": keys, "now": now})
    gone = await cursor.fetchall()
    await connection.execute(CANCEL, {"ids": [job_id for _, job_id in gone]})
    return [key for key, _ in gone]


async def lock(connection: Connection) -> None:
    """Keep anybody from sharing a new clip until the transaction ends."""
    await connection.execute(LOCK)


async def unknown(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Those of the keys that no clip has."""
    cursor = await connection.execute(KNOWN, {"keys": list(keys)})
    known = {row[0] for row in await cursor.fetchall()}
    return [key for key in keys if key not in known]
