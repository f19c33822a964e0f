"""SQL of the nova service."""

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.nova.analyst import Analysis, Material
from services.nova.names import from_import
from services.nova.sections import composed
from shared import stages, transcripts
from shared.analyses import LOCAL
from shared.contracts import FileEvent, Stage
from shared.database import Connection
from shared.errors import Superseded
from shared.identifiers import derived_id

MATERIAL = f"""
    SELECT files.kind, files.path, files.root, files.duration, files.metadata AS exif, files.captured_at, files.camera,
           files.latitude, files.longitude, encode(files.fingerprint, 'hex') AS fingerprint,
           coalesce((
               SELECT json_object_agg(name, json_build_object(
                   'key', key, 'width', width, 'height', height, 'duration', duration))
               FROM renditions WHERE file_id = files.id AND revision = files.revision
           ), '{{}}') AS renditions,
           coalesce((SELECT cuts FROM shots WHERE file_id = files.id AND revision = files.revision), '{{}}') AS shots,
           coalesce((
               SELECT json_agg(json_build_object('start', start_s, 'end', end_s, 'text', text) ORDER BY position)
               FROM transcript_segments WHERE transcript_id = ({transcripts.BEST_OF_FILE})
           ), '[]') AS segments
    FROM files WHERE files.id = %(file_id)s AND files.revision = %(revision)s
"""  # noqa: S608 - built of constants

# One that failed in this revision leaves what an earlier run had found.
ANALYSIS = """
    SELECT result FROM analyses WHERE file_id = %(file_id)s AND revision = %(revision)s ORDER BY created_at DESC LIMIT 1
"""

SAVE_ANALYSIS = """
    INSERT INTO analyses (id, file_id, revision, model, version, result, analysis_run_id)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(model)s, %(version)s, %(result)s, %(analysis_run_id)s)
    ON CONFLICT (id) DO UPDATE SET model = excluded.model, version = excluded.version, result = excluded.result,
        analysis_run_id = excluded.analysis_run_id, created_at = excluded.created_at
"""

# What the library is filtered and counted by.
FORGET_FACTS = "DELETE FROM file_facts WHERE file_id = %(file_id)s"
SAVE_FACTS = """
    INSERT INTO file_facts (file_id, field, normalized, value)
    SELECT %(file_id)s, field, normalized, value FROM analysis_facts(%(result)s::jsonb)
    ON CONFLICT (file_id, field, normalized) DO UPDATE SET value = excluded.value
"""


async def load_material(connection: Connection, event: FileEvent, stage: Stage) -> Material:
    """What is known of the event's file; raises Superseded unless the stage waits for this event."""
    await stages.require_pending(connection, event, stage)
    return await read_material(connection, event)


async def read_material(connection: Connection, event: FileEvent) -> Material:
    """What is known of a file, whoever asks; raises Superseded if it is gone or has another revision."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(MATERIAL, {"file_id": event.file_id, "revision": event.revision})
        row = await cursor.fetchone()
    if row is None:
        raise Superseded(event.file_id, event.revision)
    return material_of(event.file_id, row)


def material_of(file_id: UUID, row: dict[str, Any]) -> Material:
    """A row of `MATERIAL` in the analyst's words."""
    latitude, longitude = row.pop("latitude"), row.pop("longitude")
    gps = None if latitude is None or longitude is None else (latitude, longitude)
    path = from_import(row.pop("path"), row.pop("root"))
    return Material.model_validate({**row, "file_id": file_id, "path": path, "gps": gps})


async def load_analysis(connection: Connection, event: FileEvent) -> Analysis | None:
    """The latest analysis of the event's revision; None if there is none."""
    cursor = await connection.execute(ANALYSIS, {"file_id": event.file_id, "revision": event.revision})
    row = await cursor.fetchone()
    return Analysis.model_validate(row[0]) if row else None


async def save_analysis(connection: Connection, event: FileEvent, found: Analysis, run_id: UUID | None = None) -> UUID:
    """Keep what a run found, together with what was known before; its id.

    The same run gets the same id again, and rules over words, which anybody can have again, always theirs.
    """
    analysis = composed(await load_analysis(connection, event), found)
    whose = (found.model, found.version) if found.model == LOCAL else (event.run_id,)
    analysis_id = derived_id("analysis", event.file_id, event.revision, *whose)
    result = analysis.model_dump_json()
    await connection.execute(
        SAVE_ANALYSIS,
        {
            "id": analysis_id,
            "file_id": event.file_id,
            "revision": event.revision,
            "model": analysis.model,
            "version": analysis.version,
            "result": result,
            "analysis_run_id": run_id,
        },
    )
    await connection.execute(FORGET_FACTS, {"file_id": event.file_id})
    await connection.execute(SAVE_FACTS, {"file_id": event.file_id, "result": result})
    return analysis_id
