"""SQL of a report that is applied: what is selected, what comes next, and what is left behind at the end."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.ingest.outcome import Inspected
from services.ingest.reasons import LEFT_OUT
from services.ingest.scans.described import read
from services.ingest.scans.planning import Settled, Step
from shared.changes import Change
from shared.database import Connection
from shared.jobs import Selection

CHOSEN = """
    (%(changes)s::text[] IS NULL OR change = ANY(%(changes)s)) AND (%(paths)s::text[] IS NULL OR path = ANY(%(paths)s))
    AND NOT path = ANY(%(excepted)s::text[])
"""

LEAVE_OUT = f"""
    UPDATE job_items SET state = 'skipped', reason = %(reason)s, settled_at = now()
    WHERE job_id = %(job_id)s AND state = 'pending' AND change <> 'unchanged' AND NOT ({CHOSEN})
"""  # noqa: S608 - built of constants

# Copies are no files of their own unless somebody names them, or copies as such.
TAKE_COPIES = f"""
    UPDATE job_items SET state = 'pending', reason = NULL, settled_at = NULL, file_id = NULL
    WHERE job_id = %(job_id)s AND state = 'skipped' AND change = 'duplicate' AND {CHOSEN}
      AND (%(copies)s OR 'duplicate' = ANY(%(changes)s::text[]) OR path = ANY(%(paths)s::text[]))
"""  # noqa: S608 - built of constants

PENDING = "SELECT EXISTS (SELECT FROM job_items WHERE job_id = %(job_id)s AND state = 'pending')"

PHASE = "UPDATE jobs SET phase = %(phase)s WHERE id = %(job_id)s"

NEXT_STEPS = """
    SELECT items.path_raw, items.change, items.file_id, findings.size, findings.modified_ns, findings.fingerprint,
           findings.description
    FROM job_items AS items LEFT JOIN findings USING (job_id, path_raw)
    WHERE items.job_id = %(job_id)s AND items.state = 'pending' AND items.change IS NOT NULL AND items.path_raw > %(after)s
    ORDER BY items.path_raw LIMIT %(limit)s
"""

AWAITED = """
    SELECT file_id FROM job_items WHERE job_id = %(job_id)s AND file_id = ANY(%(ids)s) AND state = 'pending'
"""

SETTLE = """
    UPDATE job_items SET state = settled.state, reason = settled.reason, file_id = coalesce(settled.file_id, job_items.file_id),
                         kind = coalesce(files.kind, job_items.kind), size = coalesce(job_items.size, files.size),
                         settled_at = now()
    FROM jsonb_to_recordset(%(rows)s) AS settled (path_raw text, state text, reason text, file_id uuid)
    LEFT JOIN files ON files.id = settled.file_id
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = decode(settled.path_raw, 'hex')
      AND job_items.state = 'pending'
"""

# What was read is not read again, unless it changes. The original is known at the end alone, if it came with the same job.
REMEMBER_COPIES = """
    INSERT INTO file_copies (path_raw, path, file_id, size, modified_ns)
    SELECT items.path_raw, items.path, originals.id, findings.size, findings.modified_ns
    FROM job_items AS items JOIN findings USING (job_id, path_raw) CROSS JOIN LATERAL (
        SELECT files.id FROM files WHERE files.fingerprint = findings.fingerprint
        ORDER BY files.missing_since IS NOT NULL, files.path_raw LIMIT 1
    ) AS originals
    WHERE items.job_id = %(job_id)s AND items.change = 'duplicate' AND items.state = 'skipped'
      AND NOT EXISTS (SELECT FROM files WHERE files.path_raw = items.path_raw AND files.missing_since IS NULL)
    ON CONFLICT (path_raw) DO UPDATE SET
        file_id = excluded.file_id, size = excluded.size, modified_ns = excluded.modified_ns, found_at = now()
"""

NAME_ORIGINALS = """
    UPDATE job_items SET file_id = copies.file_id FROM file_copies AS copies
    WHERE job_items.job_id = %(job_id)s AND job_items.change = 'duplicate' AND job_items.file_id IS NULL
      AND copies.path_raw = job_items.path_raw
"""

FORGET = "DELETE FROM findings WHERE job_id = %(job_id)s"


async def select(connection: Connection, job_id: UUID, selection: Selection, *, copies: bool) -> None:
    """Leave out what is not selected; copies wait to become files of their own if they are named, or `copies` says so."""
    values = {
        "job_id": job_id,
        "changes": selection.changes,
        "paths": selection.paths,
        "excepted": selection.excepted,
        "copies": copies,
        "reason": LEFT_OUT,
    }
    await connection.execute(LEAVE_OUT.encode(), values)
    await connection.execute(TAKE_COPIES.encode(), values)


async def enter_phase(connection: Connection, job_id: UUID, phase: str) -> None:
    """Note what the job is at."""
    await connection.execute(PHASE, {"job_id": job_id, "phase": phase})


async def has_pending(connection: Connection, job_id: UUID) -> bool:
    """Whether an item of the job has no result."""
    cursor = await connection.execute(PENDING, {"job_id": job_id})
    return await cursor.fetchone() == (True,)


async def next_steps(connection: Connection, job_id: UUID, after: bytes, limit: int) -> list[Step]:
    """The next items to apply whose paths sort after `after`."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(NEXT_STEPS, {"job_id": job_id, "after": after, "limit": limit})
        return [_step(row) async for row in cursor]


async def awaited(connection: Connection, job_id: UUID, files: Sequence[UUID]) -> set[UUID]:
    """Those of the files of which the job has something else to apply."""
    cursor = await connection.execute(AWAITED, {"job_id": job_id, "ids": list(files)})
    return {row[0] for row in await cursor.fetchall()}


async def settle(connection: Connection, job_id: UUID, settled: Sequence[Settled]) -> None:
    """Note what became of items; those that have a result keep it."""
    rows = [
        {
            "path_raw": item.path_raw.hex(),
            "state": item.state,
            "reason": item.reason,
            "file_id": str(item.file_id) if item.file_id else None,
        }
        for item in settled
    ]
    await connection.execute(SETTLE, {"job_id": job_id, "rows": Jsonb(rows)})


async def clear_up(connection: Connection, job_id: UUID) -> None:
    """Remember the copies that were found, and forget what else was noted of the files."""
    await connection.execute(REMEMBER_COPIES, {"job_id": job_id})
    await connection.execute(NAME_ORIGINALS, {"job_id": job_id})
    await connection.execute(FORGET, {"job_id": job_id})


def _step(row: dict[str, Any]) -> Step:
    path_raw = row["path_raw"]
    finding = None
    if row["fingerprint"] is not None:
        finding = Inspected(path_raw, row["size"], row["modified_ns"], row["fingerprint"], read(row["description"]))
    return Step(path_raw, Change(row["change"]), row["file_id"], finding)
