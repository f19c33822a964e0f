"""Files in the library, as the ingest service leaves them, and what became of them."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from psycopg.rows import class_row

from shared.contracts import FileEvent, FileIngested, Kind, Stage
from shared.database import Connection, Database

FILE = """
    INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, revision)
    VALUES (%(id)s, %(path)s, %(path_raw)s, 'video', 1, 0, %(fingerprint)s, %(revision)s)
"""
STAGES = "INSERT INTO file_stages (file_id, stage, revision) SELECT %(id)s, unnest(%(stages)s::text[]), %(revision)s"


@dataclass(frozen=True)
class StageRow:
    """How far a file is in one stage."""

    state: str
    reason: str | None


async def add_file(connection: Connection, *, revision: int = 1) -> FileIngested:
    """A video with every stage pending; answers with the event that says so."""
    file_id = uuid4()
    path = f"{file_id}.mp4"
    values = {"id": file_id, "path": path, "path_raw": path.encode(), "fingerprint": file_id.bytes * 2, "revision": revision}
    await connection.execute(FILE, values)
    await connection.execute(STAGES, {"id": file_id, "stages": list(Stage), "revision": revision})
    return FileIngested(
        file_id=file_id, revision=revision, kind=Kind.VIDEO, path=path, size=1, fingerprint=(file_id.bytes * 2).hex()
    )


def about(file_id: UUID, revision: int = 1, run_id: UUID | None = None) -> FileEvent:
    """Any fact about a video of the library."""
    return FileEvent(file_id=file_id, revision=revision, kind=Kind.VIDEO, run_id=run_id)


async def stage_of(database: Database, file_id: UUID, stage: Stage) -> StageRow:
    """The file's row of the stage."""
    async with database.connection() as connection, connection.cursor(row_factory=class_row(StageRow)) as cursor:
        await cursor.execute("SELECT state, reason FROM file_stages WHERE file_id = %s AND stage = %s", (file_id, stage))
        row = await cursor.fetchone()
    assert row is not None
    return row


async def count(database: Database, table: str, condition: str = "true") -> int:
    """Rows of a table."""
    async with database.connection() as connection:
        cursor = await connection.execute(f"SELECT count(*) FROM {table} WHERE {condition}".encode())
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
