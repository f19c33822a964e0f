"""Files with sound whose transcription is pending, as the proxy stage leaves them."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from psycopg.rows import dict_row

from cli.demo.command import MODEL
from services.transcribe.settings import WhisperSettings
from shared import stages
from shared.blobs import Blobs
from shared.contracts import FileEvent, Kind, Priority, ProxyReady, Stage, TranscriptRequested
from shared.database import Database
from tests.support.imported import imported
from tests.support.speech import TWO_SENTENCES

SETTINGS = WhisperSettings(model=str(MODEL), chunk_length=15, device="cpu", language="en")
"""How tests hear: with the demo's model."""

SEGMENTS = "SELECT * FROM transcript_segments ORDER BY position"

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes) VALUES (%s, 'audio', 1, %s, 'audio/flac', 1)
"""


async def proxied(
    database: Database, blobs: Blobs, *, audio: Path | None = TWO_SENTENCES, kind: Kind = Kind.VIDEO
) -> ProxyReady:
    """A file with such sound, or none; answers with the event that says so."""
    event = await imported(database, audio or TWO_SENTENCES, kind)
    keys = {}
    if audio:
        keys["audio"] = f"proxy/{event.file_id}/r1/clip_{event.file_id}_16khz.flac"
        await blobs.put_file(audio, keys["audio"], "audio/flac")
        async with database.transaction() as connection:
            await connection.execute(RENDITION, (event.file_id, keys["audio"]))
    return ProxyReady(file_id=event.file_id, revision=1, kind=kind, renditions=keys, has_speech_track=audio is not None)


async def asked_again(
    database: Database, event: FileEvent, priority: Priority = Priority.BULK, **options: Any
) -> TranscriptRequested:
    """Somebody asks for a file's transcript, with options."""
    run_id = uuid4()
    async with database.transaction() as connection:
        await stages.reopen(connection, Stage.TRANSCRIBE, [event.file_id], run_id)
    return TranscriptRequested(
        file_id=event.file_id, revision=1, kind=event.kind, run_id=run_id, priority=priority, options=options
    )


async def requested(database: Database, blobs: Blobs, **options: Any) -> TranscriptRequested:
    """Somebody asks for the transcript of a new file."""
    return await asked_again(database, await proxied(database, blobs), **options)


async def rows(database: Database, query: str) -> list[dict[str, Any]]:
    """What a query answers."""
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode())
        return await cursor.fetchall()
