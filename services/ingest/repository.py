"""The library's rows: files and their stages, many to a statement."""

from collections.abc import Sequence
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.ingest.library import Entry, Existing
from services.ingest.scans.described import told
from services.ingest.scans.packing import BYTES, packed
from services.ingest.scans.planning import Move
from shared import batches
from shared.contracts import Stage, StageState
from shared.database import Connection
from shared.paths import shown

LIBRARY_LOCK = 7_205_759_404
"""Key of the advisory lock: whoever decides which files are new must not be overtaken by another who does."""

# One JSON document, since the driver writes arrays of texts a character class at a time, in Python.
ENTRIES = """
    SELECT id, path, decode(path_raw, 'hex') AS path_raw, root, kind, size, modified_ns,
           decode(fingerprint, 'hex') AS fingerprint, revision, duration, width, height, captured_at, latitude, longitude,
           camera, metadata
    FROM jsonb_to_recordset(%(rows)s) AS entry (
        id uuid, path text, path_raw text, root text, kind text, size bigint, modified_ns bigint, fingerprint text,
        revision int, duration float8, width int, height int, captured_at timestamptz, latitude float8, longitude float8,
        camera text, metadata jsonb)
"""

ADD = f"""
    INSERT INTO files (id, path, path_raw, root, kind, size, modified_ns, fingerprint, revision, duration, width, height,
                       captured_at, latitude, longitude, camera, metadata)
    {ENTRIES}
"""

UPDATE = f"""
    UPDATE files SET
        kind = entry.kind, size = entry.size, modified_ns = entry.modified_ns, fingerprint = entry.fingerprint,
        revision = entry.revision, duration = entry.duration, width = entry.width, height = entry.height,
        captured_at = entry.captured_at, latitude = entry.latitude, longitude = entry.longitude, camera = entry.camera,
        metadata = entry.metadata, missing_since = NULL, updated_at = now()
    FROM ({ENTRIES}) AS entry WHERE files.id = entry.id
"""  # noqa: S608 - built of constants

# A revision's first way through is no run, whatever ran before.
BEGIN_STAGES = """
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT fresh.id, stage, fresh.revision, CASE WHEN stage = %(settled)s THEN 'done' ELSE 'pending' END,
           CASE WHEN stage = %(settled)s THEN now() END
    FROM unnest(%(ids)s::uuid[], %(revisions)s::int[]) AS fresh (id, revision) CROSS JOIN unnest(%(stages)s::text[]) AS stage
    ON CONFLICT (file_id, stage) DO UPDATE SET
        revision = excluded.revision, state = excluded.state, reason = NULL, settled_at = excluded.settled_at,
        run_id = NULL, prior = NULL
"""

EXISTING = "SELECT id, path_raw, path, root, kind, revision, fingerprint, missing_since IS NOT NULL AS is_missing FROM files"
AT_PLACES = f"WITH asked AS ({BYTES}) {EXISTING} JOIN asked ON files.path_raw = asked.value WHERE missing_since IS NULL"
OF_CONTENTS = f"""
    WITH asked AS ({BYTES}) {EXISTING} JOIN asked ON files.fingerprint = asked.value ORDER BY missing_since IS NOT NULL DESC
"""
BY_IDS = f"{EXISTING} WHERE id = ANY(%(ids)s)"

LOSE = """
    UPDATE files SET missing_since = now(), updated_at = now() WHERE id = ANY(%(ids)s) AND missing_since IS NULL RETURNING id
"""

MOVE = """
    UPDATE files SET path = moved.path, path_raw = decode(moved.path_raw, 'hex'), root = moved.root, size = moved.size,
                     modified_ns = moved.modified_ns, missing_since = NULL, updated_at = now()
    FROM jsonb_to_recordset(%(rows)s) AS moved (id uuid, path text, path_raw text, root text, size bigint, modified_ns bigint)
    WHERE files.id = moved.id
"""

FORGET_COPIES = f"DELETE FROM file_copies WHERE path_raw IN ({BYTES})"  # noqa: S608 - built of constants

# Held, so that none is settled, and its moments made with the old name, between this look and the move.
ANALYSED = """
    SELECT file_id, state FROM file_stages WHERE file_id = ANY(%(ids)s) AND stage = 'analyse' ORDER BY file_id FOR SHARE
"""


async def lock_library(connection: Connection) -> None:
    """Keep every other ingest from changing the library until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(%(key)s)", {"key": LIBRARY_LOCK})


async def files_at(connection: Connection, places: Sequence[bytes]) -> dict[bytes, Existing]:
    """The files that are noted at these paths and not missing."""
    rows = await _existing(connection, AT_PLACES, {"values": packed(places)})
    return {row.path_raw: row for row in rows}


async def files_of(connection: Connection, contents: Sequence[bytes]) -> dict[bytes, Existing]:
    """A file for each of these fingerprints that the library has, rather one that is there than one that is missing."""
    rows = await _existing(connection, OF_CONTENTS, {"values": packed(contents)})
    return {row.fingerprint: row for row in rows}


async def files_by_id(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Existing]:
    """These files."""
    rows = await _existing(connection, BY_IDS, {"ids": list(ids)})
    return {row.id: row for row in rows}


async def write_files(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add files; at their paths are none that are not missing."""
    await connection.execute(ADD, {"rows": Jsonb([_columns(entry) for entry in entries])})


async def update_files(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write what files are now; they are there again if they were missing."""
    await connection.execute(UPDATE, {"rows": Jsonb([_columns(entry) for entry in entries])})


async def begin_stages(connection: Connection, fresh: Sequence[Entry]) -> None:
    """Begin the pipeline anew for files with fresh content; ingest is done, and what batches asked of the old is void."""
    await connection.execute(
        BEGIN_STAGES,
        {
            "ids": [entry.id for entry in fresh],
            "revisions": [entry.revision for entry in fresh],
            "stages": [stage.value for stage in Stage],
            "settled": Stage.INGEST,
        },
    )
    if again := [entry.id for entry in fresh if entry.revision > 1]:
        await batches.files_changed(connection, again)


async def lose_files(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Mark files as missing; answers with those that were not."""
    cursor = await connection.execute(LOSE, {"ids": list(ids)})
    return {row[0] for row in await cursor.fetchall()}


async def move_files(connection: Connection, moves: Sequence[Move]) -> None:
    """Note where files are now; who was noted there before is marked as missing."""
    rows = [
        {
            "id": str(move.file.id),
            "path": shown(move.path_raw),
            "path_raw": move.path_raw.hex(),
            "root": move.root,
            "size": move.size,
            "modified_ns": move.modified_ns,
        }
        for move in moves
    ]
    await connection.execute(MOVE, {"rows": Jsonb(rows)})


async def forget_copies(connection: Connection, places: Sequence[bytes]) -> None:
    """Hold what lies at these paths for copies no longer."""
    await connection.execute(FORGET_COPIES, {"values": packed(places)})


async def searchable(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Those of the files whose names are in the search or on the way; the others will be, under the name they have then."""
    cursor = await connection.execute(ANALYSED, {"ids": list(ids)})
    return [file_id for file_id, state in await cursor.fetchall() if state != StageState.PENDING]


async def _existing(connection: Connection, statement: str, values: dict[str, object]) -> list[Existing]:
    async with connection.cursor(row_factory=class_row(Existing)) as cursor:
        await cursor.execute(statement.encode(), values)
        return await cursor.fetchall()


def _columns(entry: Entry) -> dict[str, object]:
    file = entry.file
    return {
        **told(file.description),
        "id": str(entry.id),
        "path": shown(file.path_raw),
        "path_raw": file.path_raw.hex(),
        "root": entry.root,
        "size": file.size,
        "modified_ns": file.modified_ns,
        "fingerprint": file.fingerprint.hex(),
        "revision": entry.revision,
    }
