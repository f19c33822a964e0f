"""SQL of batches: what they are about, how far they are, what became of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from services.search.batches.progress import Counts, Measured, Work
from shared import selection
from shared.batch_requests import BatchRequest, selected, unfinished
from shared.contracts import Kind, Stage, StageState
from shared.database import Connection

SHOWN = 20
"""Files under way, and reasons, that are told at once."""
HEARD_WITHIN = 10.0
"""Seconds: a worker gives a sign of life every two."""

SURVEY = """
    SELECT kind, count(*) FILTER (WHERE wanted) AS wanted, count(*) FILTER (WHERE NOT wanted) AS processed,
           count(*) FILTER (WHERE wanted AND waits) AS under_way
    FROM (SELECT files.kind, {unfinished} AS wanted, {under_way} AS waits FROM files WHERE {selected}) AS meant GROUP BY kind
"""

COUNTS = """
    SELECT items.kind, count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'failed') AS failed,
           coalesce(sum(items.size), 0)::bigint AS bytes,
           coalesce(sum(items.size) FILTER (WHERE state = 'pending'), 0)::bigint AS bytes_left,
           coalesce(sum(files.duration) FILTER (WHERE state = 'pending'), 0) AS seconds_left,
           count(*) FILTER (WHERE state = 'pending' AND files.duration IS NULL) AS unmeasured,
           max(settled_at) FILTER (WHERE settled_at <= %(window)s) AS last_before
    FROM job_items AS items LEFT JOIN files ON files.id = items.file_id
    WHERE items.job_id = %(id)s AND items.kind IS NOT NULL GROUP BY items.kind
"""

# What was settled without work, as a file that was done already, says nothing of how fast the work goes.
SETTLED = """
    SELECT items.kind, count(*), coalesce(sum(items.size), 0), coalesce(sum(files.duration), 0)
    FROM job_items AS items JOIN jobs ON jobs.id = items.job_id JOIN files ON files.id = items.file_id
    JOIN file_stages ON file_stages.file_id = items.file_id AND file_stages.stage = jobs.kind AND run_id = jobs.id
    WHERE items.job_id = %(id)s AND items.settled_at > %(since)s GROUP BY items.kind
"""

CURRENT = """
    SELECT files.id AS file_id, files.path, files.kind, work.done, work.total, work.begun_with, work.started_at, work.heard_at
    FROM stage_work AS work JOIN jobs ON jobs.id = %(id)s AND jobs.kind = work.stage
    JOIN file_stages USING (file_id, stage) JOIN files ON files.id = work.file_id
    WHERE file_stages.run_id = jobs.id AND file_stages.state = 'pending'
      AND work.heard_at > now() - make_interval(secs => %(heard_within)s)
    ORDER BY work.started_at LIMIT %(shown)s
"""

REASONS = """
    SELECT state, reason, count, examples FROM (
        SELECT state, reason, count(*) AS count, (array_agg(path ORDER BY path_raw))[1:3] AS examples,
               row_number() OVER (PARTITION BY state ORDER BY count(*) DESC, reason) AS place
        FROM job_items WHERE job_id = %(id)s AND state IN ('failed', 'skipped') AND reason IS NOT NULL
        GROUP BY state, reason
    ) AS found WHERE place <= %(shown)s ORDER BY state, place
"""

ITEMS = """
    SELECT path_raw, path, file_id, kind, size, state, change, reason, settled_at FROM job_items
    WHERE job_id = %(id)s AND path_raw > %(after)s AND (%(state)s::text IS NULL OR state = %(state)s)
      AND (%(change)s::text IS NULL OR change = %(change)s)
    ORDER BY path_raw LIMIT %(limit)s
"""

RECENT = """
    SELECT jobs.id, kind, state, request, asked_by, error, created_at, started_at, finished_at, counts.items
    FROM jobs CROSS JOIN LATERAL (
        SELECT jsonb_build_object(
            'pending', count(*) FILTER (WHERE state = 'pending'), 'done', count(*) FILTER (WHERE state = 'done'),
            'skipped', count(*) FILTER (WHERE state = 'skipped'), 'failed', count(*) FILTER (WHERE state = 'failed')) AS items
        FROM job_items WHERE job_id = jobs.id
    ) AS counts
    WHERE kind = ANY(%(kinds)s::text[]) AND (%(before)s::uuid IS NULL
        OR (created_at, jobs.id) < (SELECT created_at, id FROM jobs WHERE id = %(before)s))
    ORDER BY created_at DESC, jobs.id DESC LIMIT %(limit)s
"""

NUMBER = "SELECT count(*) FROM jobs WHERE kind = ANY(%(kinds)s::text[])"

ANSWERED = "UPDATE jobs SET progress = %(answer)s WHERE id = %(id)s"

CALL_OFF = """
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    WHERE job_id = %(id)s AND state = 'pending'
"""


@dataclass(frozen=True)
class Meant:
    """Files of one kind that a request means; `under_way` are among those wanted."""

    kind: Kind
    wanted: int
    processed: int
    under_way: int


@dataclass(frozen=True)
class Reason:
    """What happened to so many items, in words."""

    state: StageState
    reason: str
    count: int
    examples: list[str]


@dataclass(frozen=True)
class Item:
    """A row of `job_items`."""

    path_raw: bytes
    path: str
    file_id: UUID | None
    kind: str | None
    size: int | None
    state: str
    change: str | None
    reason: str | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Current:
    """A file that is being worked on."""

    file_id: UUID
    path: str
    work: Work
    total: float | None


async def survey(connection: Connection, stage: Stage, request: BatchRequest) -> list[Meant]:
    """Which files a request means, by kind."""
    condition, values = selected(request)
    statement = sql.SQL(SURVEY).format(
        selected=condition, unfinished=unfinished(request, stage), under_way=selection.under_way(stage)
    )
    async with connection.cursor(row_factory=class_row(Meant)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def counts(connection: Connection, job_id: UUID, window: datetime) -> list[Counts]:
    """Files of a batch by kind and state; videos first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(COUNTS, {"id": job_id, "window": window})
        found = {row["kind"]: row for row in await cursor.fetchall()}
    return [Counts(**{**found[kind], "kind": kind}) for kind in Kind if kind in found]


async def settled_since(connection: Connection, job_id: UUID, since: datetime) -> dict[Kind, Measured]:
    """What workers have settled for a batch since a time, by kind."""
    cursor = await connection.execute(SETTLED, {"id": job_id, "since": since})
    return {Kind(kind): Measured(files, float(size), seconds) for kind, files, size, seconds in await cursor.fetchall()}


async def current(connection: Connection, job_id: UUID) -> list[Current]:
    """What is being worked on for a batch."""
    cursor = await connection.execute(CURRENT, {"id": job_id, "heard_within": HEARD_WITHIN, "shown": SHOWN})
    return [
        Current(file_id, path, Work(Kind(kind), done, started_at, heard_at, begun_with), total)
        for file_id, path, kind, done, total, begun_with, started_at, heard_at in await cursor.fetchall()
    ]


async def reasons(connection: Connection, job_id: UUID) -> list[Reason]:
    """Why files failed or were skipped, the most frequent reason first."""
    async with connection.cursor(row_factory=class_row(Reason)) as cursor:
        await cursor.execute(REASONS, {"id": job_id, "shown": SHOWN})
        return await cursor.fetchall()


async def items(
    connection: Connection, job_id: UUID, *, after: bytes, limit: int, state: str | None = None, change: str | None = None
) -> list[Item]:
    """Items of a job whose paths sort after `after`."""
    values = {"id": job_id, "after": after, "limit": limit, "state": state, "change": change}
    async with connection.cursor(row_factory=class_row(Item)) as cursor:
        await cursor.execute(ITEMS, values)
        return await cursor.fetchall()


async def recent(connection: Connection, kinds: Sequence[str], *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Jobs of these kinds, the latest first, with their items by state."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(RECENT, {"kinds": list(kinds), "before": before, "limit": limit})
        return await cursor.fetchall()


async def number(connection: Connection, kinds: Sequence[str]) -> int:
    """How many jobs of these kinds there are."""
    cursor = await connection.execute(NUMBER, {"kinds": list(kinds)})
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def call_off(connection: Connection, job_id: UUID, reason: str) -> None:
    """Settle what is pending of a job."""
    await connection.execute(CALL_OFF, {"id": job_id, "reason": reason})


async def note_answer(connection: Connection, job_id: UUID, answer: dict[str, Any]) -> None:
    """Keep what a request was answered with, for when it is made again."""
    await connection.execute(ANSWERED, {"id": job_id, "answer": Jsonb(answer)})
