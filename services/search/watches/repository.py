"""The rows of watched folders, as the gateway reads and changes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id

SILENCE = 30.0
"""Seconds without a sign of life after which nobody is watching: the service gives one every other second."""

# A state is only as good as the service's latest sign of life.
WATCH = """
    SELECT id, path, path_raw, recursive, settle_seconds, poll, enabled,
           CASE WHEN NOT enabled THEN 'off' WHEN is_heard THEN state ELSE 'waiting' END AS state,
           CASE WHEN enabled AND is_heard THEN reason END AS reason, looked_at, changed_at, job_id, created_at,
           asked_by
    FROM watches, LATERAL (SELECT looked_at > now() - make_interval(secs => %(silence)s) AS is_heard) AS heard
"""

ADD = """
    INSERT INTO watches (id, path, path_raw, recursive, settle_seconds, poll, asked_by)
    VALUES (%(id)s, %(path)s, %(path_raw)s, %(recursive)s, %(settle_seconds)s, %(poll)s, %(asked_by)s)
"""

CHANGE = """
    UPDATE watches SET recursive = coalesce(%(recursive)s, recursive), poll = coalesce(%(poll)s, poll),
        settle_seconds = coalesce(%(settle_seconds)s, settle_seconds), enabled = coalesce(%(enabled)s, enabled),
        state = 'waiting', reason = NULL
    WHERE id = %(id)s
"""

LOCK = "LOCK TABLE watches IN SHARE ROW EXCLUSIVE MODE"
"""Two folders that are added at once could otherwise turn out to lie in each other."""


@dataclass(frozen=True)
class Watch:
    """A watched folder, and how it is watched now."""

    id: UUID
    path: str
    path_raw: bytes
    recursive: bool
    settle_seconds: float
    poll: str
    enabled: bool
    state: str
    reason: str | None
    looked_at: datetime | None
    changed_at: datetime | None
    job_id: UUID | None
    created_at: datetime
    asked_by: str | None


async def lock(connection: Connection) -> None:
    """Keep others from adding watches until the transaction ends."""
    await connection.execute(LOCK)


async def watches(connection: Connection) -> list[Watch]:
    """All of them, by path."""
    async with connection.cursor(row_factory=class_row(Watch)) as cursor:
        await cursor.execute(f"{WATCH} ORDER BY path_raw".encode(), {"silence": SILENCE})
        return await cursor.fetchall()


async def find(connection: Connection, watch_id: UUID) -> Watch:
    """The watch; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Watch)) as cursor:
        await cursor.execute(f"{WATCH} WHERE id = %(id)s".encode(), {"silence": SILENCE, "id": watch_id})
        watch = await cursor.fetchone()
    if watch is None:
        raise NotFound("watch", watch_id)
    return watch


async def add(connection: Connection, **values: Any) -> UUID:
    """A new watch."""
    watch_id = new_id()
    await connection.execute(ADD, {"id": watch_id, **values})
    return watch_id


async def change(connection: Connection, watch_id: UUID, **values: Any) -> None:
    """Set what is not None; raises NotFound."""
    cursor = await connection.execute(CHANGE, {"id": watch_id, **values})
    if cursor.rowcount == 0:
        raise NotFound("watch", watch_id)


async def remove(connection: Connection, watch_id: UUID) -> None:
    """Forget a watch; raises NotFound."""
    cursor = await connection.execute("DELETE FROM watches WHERE id = %(id)s", {"id": watch_id})
    if cursor.rowcount == 0:
        raise NotFound("watch", watch_id)
