"""The library's rows: import items and files, many to a statement."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.ingest.library import Entry, Existing
from services.ingest.outcome import Candidate, Outcome, Rejected
from services.ingest.walk import Found
from shared.contracts import Stage, StageState
from shared.database import Connection
from shared.paths import shown

LIBRARY_LOCK = 7_205_759_404
"""Key of the advisory lock: whoever decides which files are new must not be overtaken by another who does."""

LISTING = "CREATE TEMPORARY TABLE listing (path_raw bytea, path text, state text, reason text) ON COMMIT DROP"

LIST = """
    INSERT INTO job_items (job_id, path_raw, path, state, reason, settled_at)
    SELECT %(job_id)s, path_raw, path, state, reason, CASE WHEN state <> 'pending' THEN now() END FROM listing
    ON CONFLICT DO NOTHING
"""

# What has failed is looked at again, however unchanged it seems.
PENDING = """
    SELECT job_items.path_raw, files.size, files.modified_ns FROM job_items
    LEFT JOIN files ON files.path_raw = job_items.path_raw
        AND NOT EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND file_stages.state = 'failed')
    WHERE job_items.job_id = %(job_id)s AND job_items.state = 'pending' AND job_items.path_raw > %(after)s
    ORDER BY job_items.path_raw LIMIT %(limit)s
"""

EXISTING = """
    SELECT id, path_raw, revision, fingerprint,
           EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND state = 'failed') AS failed
    FROM files WHERE path_raw = ANY(%(paths)s)
"""

WRITE = """
    INSERT INTO files (id, path, path_raw, root, kind, size, modified_ns, fingerprint, revision, duration, width, height,
                       captured_at, latitude, longitude, camera, metadata)
    SELECT id, path, decode(path_raw, 'hex'), %(root)s, kind, size, modified_ns, decode(fingerprint, 'hex'), revision, duration,
           width, height, captured_at, latitude, longitude, camera, metadata
    FROM jsonb_to_recordset(%(rows)s) AS entry (
        id uuid, path text, path_raw text, kind text, size bigint, modified_ns bigint, fingerprint text, revision int,
        duration float8, width int, height int, captured_at timestamptz, latitude float8, longitude float8, camera text,
        metadata jsonb)
    ON CONFLICT (path_raw) DO UPDATE SET
        root = excluded.root, kind = excluded.kind, size = excluded.size, modified_ns = excluded.modified_ns,
        fingerprint = excluded.fingerprint, revision = excluded.revision, duration = excluded.duration, width = excluded.width,
        height = excluded.height, captured_at = excluded.captured_at, latitude = excluded.latitude,
        longitude = excluded.longitude, camera = excluded.camera, metadata = excluded.metadata, updated_at = now()
"""

BEGIN_STAGES = """
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT fresh.id, stage, fresh.revision, CASE WHEN stage = %(settled)s THEN 'done' ELSE 'pending' END,
           CASE WHEN stage = %(settled)s THEN now() END
    FROM unnest(%(ids)s::uuid[], %(revisions)s::int[]) AS fresh (id, revision) CROSS JOIN unnest(%(stages)s::text[]) AS stage
    ON CONFLICT (file_id, stage) DO UPDATE SET
        revision = excluded.revision, state = excluded.state, reason = NULL, settled_at = excluded.settled_at
"""

SETTLE_ITEMS = """
    UPDATE job_items SET state = settled.state, reason = settled.reason, file_id = files.id, kind = files.kind,
                         settled_at = now()
    FROM unnest(%(paths)s::bytea[], %(states)s::text[], %(reasons)s::text[]) AS settled (path_raw, state, reason)
    LEFT JOIN files ON files.path_raw = settled.path_raw AND settled.state = 'done'
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = settled.path_raw AND job_items.state = 'pending'
"""


async def list_items(connection: Connection, job_id: UUID, found: Iterable[Found]) -> None:
    """Add paths to a job, in a transaction; those that it has already stay as they are."""
    await connection.execute(LISTING)
    async with connection.cursor().copy("COPY listing FROM STDIN") as copy:
        for item in found:
            await copy.write_row((item.path_raw, shown(item.path_raw), item.state, item.reason))
    await connection.execute(LIST, {"job_id": job_id})


async def note_listed(connection: Connection, job_id: UUID) -> None:
    """Note that every item of the job is known."""
    await connection.execute("UPDATE jobs SET listed_at = now() WHERE id = %(job_id)s", {"job_id": job_id})


async def pending_items(connection: Connection, job_id: UUID, after: bytes, limit: int) -> list[Candidate]:
    """The next items without a result whose paths sort after `after`, with what the library knows of them."""
    async with connection.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(PENDING, {"job_id": job_id, "after": after, "limit": limit})
        return await cursor.fetchall()


async def lock_library(connection: Connection) -> None:
    """Keep every other ingest from changing the library until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%(key)s)", {"key": LIBRARY_LOCK})


async def existing_files(connection: Connection, paths: Sequence[bytes]) -> dict[bytes, Existing]:
    """What the library has under these paths."""
    async with connection.cursor(row_factory=class_row(Existing)) as cursor:
        await cursor.execute(EXISTING, {"paths": list(paths)})
        return {row.path_raw: row async for row in cursor}


async def write_files(connection: Connection, entries: Sequence[Entry], root: str) -> None:
    """Add or update files, at least one, that came with the import of `root`."""
    # One JSON document, since the driver writes arrays of texts a character class at a time, in Python.
    await connection.execute(WRITE, {"rows": Jsonb([_columns(entry) for entry in entries]), "root": root})


async def begin_stages(connection: Connection, fresh: Sequence[Entry]) -> None:
    """Begin the pipeline anew for files with fresh content; ingest itself is done."""
    await connection.execute(
        BEGIN_STAGES,
        {
            "ids": [entry.id for entry in fresh],
            "revisions": [entry.revision for entry in fresh],
            "stages": [stage.value for stage in Stage],
            "settled": Stage.INGEST,
        },
    )


async def settle_items(connection: Connection, job_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Note what became of a job's items; those that have a result keep it."""
    rejections = [outcome if isinstance(outcome, Rejected) else None for outcome in outcomes]
    await connection.execute(
        SETTLE_ITEMS,
        {
            "job_id": job_id,
            "paths": [outcome.path_raw for outcome in outcomes],
            "states": [rejection.state if rejection else StageState.DONE for rejection in rejections],
            "reasons": [rejection.reason if rejection else None for rejection in rejections],
        },
    )


def _columns(entry: Entry) -> dict[str, object]:
    file, description = entry.file, entry.file.description
    return {
        "id": str(entry.id),
        "path": shown(file.path_raw),
        "path_raw": file.path_raw.hex(),
        "kind": description.kind,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "fingerprint": file.fingerprint.hex(),
        "revision": entry.revision,
        "duration": description.duration,
        "width": description.width,
        "height": description.height,
        "captured_at": description.captured_at and description.captured_at.isoformat(),
        "latitude": description.latitude,
        "longitude": description.longitude,
        "camera": description.camera,
        "metadata": description.metadata,
    }
