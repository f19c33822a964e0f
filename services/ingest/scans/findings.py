"""Items that are to be looked at, and what they turned out to be, until it is decided what that means for the library."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.ingest.library import Entry
from services.ingest.outcome import Candidate, Inspected, Rejected
from services.ingest.scans.described import told
from services.ingest.scans.packing import BYTES, packed
from shared.database import Connection

# A copy that was asked for as a file of its own is looked at too. Not by NOT EXISTS, of which Postgres would make a join with
# all findings for every page.
UNSEEN = """
    SELECT path_raw, size FROM job_items
    WHERE job_id = %(job_id)s AND state = 'pending' AND (change IS NULL OR change = 'duplicate') AND path_raw > %(after)s
      AND (SELECT true FROM findings AS seen
           WHERE seen.job_id = job_items.job_id AND seen.path_raw = job_items.path_raw) IS NULL
    ORDER BY path_raw LIMIT %(limit)s
"""

KEEP = """
    INSERT INTO findings (job_id, path_raw, size, modified_ns, fingerprint, description)
    SELECT %(job_id)s, decode(path_raw, 'hex'), size, modified_ns, decode(fingerprint, 'hex'), description
    FROM jsonb_to_recordset(%(rows)s) AS found (path_raw text, size bigint, modified_ns bigint, fingerprint text,
                                                description jsonb)
    ON CONFLICT (job_id, path_raw) DO NOTHING
"""

REJECT = """
    UPDATE job_items SET state = rejected.state, reason = rejected.reason, settled_at = now(),
                         change = CASE rejected.state WHEN 'failed' THEN 'unreadable' ELSE 'unsupported' END
    FROM jsonb_to_recordset(%(rows)s) AS rejected (path_raw text, state text, reason text)
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = decode(rejected.path_raw, 'hex')
      AND job_items.state = 'pending'
"""

TAKE_IN = """
    UPDATE job_items SET state = 'done', change = 'new', file_id = taken.id, kind = taken.kind, size = taken.size,
                         settled_at = now()
    FROM jsonb_to_recordset(%(rows)s) AS taken (path_raw text, id uuid, kind text, size bigint)
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = decode(taken.path_raw, 'hex') AND job_items.state = 'pending'
"""

KNOWN_PATHS = f"""
    WITH asked AS ({BYTES})
    SELECT path_raw FROM asked JOIN files ON files.path_raw = asked.value
    UNION SELECT path_raw FROM asked JOIN file_copies ON file_copies.path_raw = asked.value
"""  # noqa: S608 - built of constants

KNOWN_CONTENTS = f"""
    WITH asked AS ({BYTES})
    SELECT fingerprint FROM asked JOIN files ON files.fingerprint = asked.value
    UNION SELECT fingerprint FROM asked JOIN findings ON findings.job_id = %(job_id)s AND findings.fingerprint = asked.value
"""  # noqa: S608 - built of constants


async def unseen(connection: Connection, job_id: UUID, after: bytes, limit: int) -> list[Candidate]:
    """The next items that nobody has looked at whose paths sort after `after`."""
    async with connection.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(UNSEEN, {"job_id": job_id, "after": after, "limit": limit})
        return await cursor.fetchall()


async def keep(connection: Connection, job_id: UUID, files: Sequence[Inspected]) -> None:
    """Note what files turned out to be; what was noted before stays."""
    rows = [
        {
            "path_raw": file.path_raw.hex(),
            "size": file.size,
            "modified_ns": file.modified_ns,
            "fingerprint": file.fingerprint.hex(),
            "description": told(file.description),
        }
        for file in files
    ]
    await connection.execute(KEEP, {"job_id": job_id, "rows": Jsonb(rows)})


async def reject(connection: Connection, job_id: UUID, rejected: Sequence[Rejected]) -> None:
    """Settle the items of files that the library does not take."""
    rows = [{"path_raw": file.path_raw.hex(), "state": file.state, "reason": file.reason} for file in rejected]
    await connection.execute(REJECT, {"job_id": job_id, "rows": Jsonb(rows)})


async def settle_new(connection: Connection, job_id: UUID, entries: Sequence[Entry]) -> None:
    """Settle the items of files that were taken in as new."""
    rows = [
        {
            "path_raw": entry.file.path_raw.hex(),
            "id": str(entry.id),
            "kind": entry.file.description.kind,
            "size": entry.file.size,
        }
        for entry in entries
    ]
    await connection.execute(TAKE_IN, {"job_id": job_id, "rows": Jsonb(rows)})


async def known(connection: Connection, job_id: UUID, files: Sequence[Inspected]) -> tuple[set[bytes], set[bytes]]:
    """Those of the files' paths and contents that the library or the job has seen before."""
    paths = await _asked(connection, KNOWN_PATHS, job_id, [file.path_raw for file in files])
    contents = await _asked(connection, KNOWN_CONTENTS, job_id, [file.fingerprint for file in files])
    return paths, contents


async def _asked(connection: Connection, statement: str, job_id: UUID, values: Sequence[bytes]) -> set[bytes]:
    cursor = await connection.execute(statement, {"job_id": job_id, "values": packed(values)})
    return {row[0] for row in await cursor.fetchall()}
