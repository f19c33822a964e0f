"""Real files in the library, as the ingest service leaves them."""

import asyncio
import os
from pathlib import Path
from uuid import UUID, uuid4

from shared.contracts import FileIngested, Kind, Stage
from shared.database import Database

FILE = """
    INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, duration)
    VALUES (%(id)s, %(path)s, %(path_raw)s, %(kind)s, %(size)s, %(modified_ns)s, %(fingerprint)s, %(duration)s)
"""
STAGES = "INSERT INTO file_stages (file_id, stage, revision) SELECT %(id)s, unnest(%(stages)s::text[]), 1"


async def imported(
    database: Database, path: Path, kind: Kind = Kind.VIDEO, *, duration: float | None = None, has_audio: bool = True
) -> FileIngested:
    """Note an existing file, with every stage pending; answers with the event that says so."""
    file_id, status = uuid4(), await asyncio.to_thread(path.stat)
    shown = os.fsencode(path).decode("utf-8", "replace")
    values = {
        "id": file_id,
        "path": shown,
        "path_raw": os.fsencode(path),
        "kind": kind,
        "size": status.st_size,
        "modified_ns": status.st_mtime_ns,
        "fingerprint": file_id.bytes * 2,
        "duration": duration,
        "stages": list(Stage),
    }
    async with database.transaction() as connection:
        await connection.execute(FILE, values)
        await connection.execute(STAGES, values)
    return FileIngested(
        file_id=file_id,
        revision=1,
        kind=kind,
        path=shown,
        size=status.st_size,
        fingerprint=(file_id.bytes * 2).hex(),
        duration=duration,
        has_audio=has_audio,
    )


async def emitted(database: Database, file_id: UUID) -> list[tuple[str, dict[str, object]]]:
    """Subject and body of every event about a file in the outbox, oldest first."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT subject, body FROM outbox WHERE key = %s ORDER BY position", (file_id,))
        return await cursor.fetchall()
