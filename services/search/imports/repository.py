"""SQL of imports and rescans: what was found, and how far the work is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row

from shared.database import Connection

PROBLEMS = 20
"""Unreadable files that a status names; more than people read there."""

# What is found waits in `findings` until it is told apart; until then it counts as read, but for no change.
COUNTS = """
    SELECT items.change, items.state, findings.path_raw IS NOT NULL AS is_read, count(*) AS items,
           coalesce(sum(items.size), 0)::bigint AS bytes,
           count(*) FILTER (WHERE coalesce(items.settled_at, findings.found_at) > now() - make_interval(secs => %(window)s))
               AS recent,
           coalesce(sum(items.size) FILTER (
               WHERE coalesce(items.settled_at, findings.found_at) > now() - make_interval(secs => %(window)s)), 0)::bigint
               AS recent_bytes
    FROM job_items AS items LEFT JOIN findings USING (job_id, path_raw)
    WHERE items.job_id = %(job_id)s GROUP BY 1, 2, 3
"""

PROBLEM_ITEMS = """
    SELECT path, reason FROM job_items
    WHERE job_id = %(job_id)s AND state = 'failed' ORDER BY path_raw LIMIT %(limit)s
"""

REPORT = """
    SELECT path_raw, path, from_path, change, kind, size, file_id, state, reason FROM job_items
    WHERE job_id = %(job_id)s AND path_raw > %(after)s
      AND (%(changes)s::text[] = '{}' OR change = ANY(%(changes)s::text[]))
    ORDER BY path_raw LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Count:
    """Items with the same change and state; `recent` ones came to it within the window asked for."""

    change: str | None
    state: str
    is_read: bool
    items: int
    bytes: int
    recent: int
    recent_bytes: int


@dataclass(frozen=True)
class Problem:
    """A path that could not be read."""

    path: str
    reason: str


@dataclass(frozen=True)
class Found:
    """An item of a report."""

    path_raw: bytes
    path: str
    from_path: str | None
    change: str | None
    kind: str | None
    size: int | None
    file_id: UUID | None
    state: str
    reason: str | None


async def counts(connection: Connection, job_id: UUID, window: float) -> list[Count]:
    """Items of a job by change and state."""
    async with connection.cursor(row_factory=class_row(Count)) as cursor:
        await cursor.execute(COUNTS, {"job_id": job_id, "window": window})
        return await cursor.fetchall()


async def problems(connection: Connection, job_id: UUID) -> list[Problem]:
    """The first items that could not be read or applied."""
    async with connection.cursor(row_factory=class_row(Problem)) as cursor:
        await cursor.execute(PROBLEM_ITEMS, {"job_id": job_id, "limit": PROBLEMS})
        return await cursor.fetchall()


async def report(connection: Connection, job_id: UUID, changes: Sequence[str], after: bytes, limit: int) -> list[Found]:
    """Items of these changes, or of all if none is given, whose paths sort after `after`."""
    async with connection.cursor(row_factory=class_row(Found)) as cursor:
        values = {"job_id": job_id, "changes": list(changes), "after": after, "limit": limit}
        await cursor.execute(REPORT, values)
        return await cursor.fetchall()
