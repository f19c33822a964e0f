"""SQL of the nova service."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import dict_row

from services.nova.analyst import Analysis, Material
from services.nova.moments import Moment
from services.nova.names import from_import
from shared import stages, transcripts
from shared.contracts import FileEvent, Stage
from shared.database import Connection
from shared.errors import Superseded
from shared.identifiers import derived_id

MATERIAL = f"""
    SELECT files.kind, files.path, files.root, files.duration, files.metadata AS exif, files.captured_at, files.camera,
           files.latitude, files.longitude,
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

VECTORS = """
    SELECT moments.text, embeddings.embedding::text FROM moments JOIN embeddings ON embeddings.moment_id = moments.id
    WHERE moments.file_id = %(file_id)s AND embeddings.model = %(model)s
"""

SAVE_ANALYSIS = """
    INSERT INTO analyses (id, file_id, revision, model, version, result)
    VALUES (%(id)s, %(file_id)s, %(revision)s, %(model)s, %(version)s, %(result)s)
    ON CONFLICT (id) DO UPDATE SET result = excluded.result
"""

# Ids are drawn first, so that each vector finds its moment whatever the order of insertion.
SAVE_MOMENTS = """
    WITH old AS (
        DELETE FROM moments WHERE file_id = %(file_id)s
    ), told AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('moments', 'id')) AS id, texts.*
        FROM unnest(%(fields)s::text[], %(starts)s::float8[], %(ends)s::float8[], %(texts)s::text[], %(vectors)s::text[])
          AS texts (field, start_s, end_s, text, vector)
    ), saved AS (
        INSERT INTO moments (id, file_id, revision, field, start_s, end_s, text) OVERRIDING SYSTEM VALUE
        SELECT id, %(file_id)s, %(revision)s, field, start_s, end_s, text FROM told
    )
    INSERT INTO embeddings (moment_id, model, embedding) SELECT id, %(model)s, vector::halfvec FROM told
"""


async def load_material(connection: Connection, event: FileEvent, stage: Stage) -> Material:
    """What is known of the event's file; raises Superseded unless the stage waits for this event."""
    await stages.require_pending(connection, event, stage)
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


async def load_vectors(connection: Connection, event: FileEvent, model: str) -> dict[str, str]:
    """The vectors of the file's moments as pgvector writes them, by the text that they stand for."""
    cursor = await connection.execute(VECTORS, {"file_id": event.file_id, "model": model})
    return dict(await cursor.fetchall())


async def save_analysis(connection: Connection, event: FileEvent, analysis: Analysis) -> UUID:
    """Keep an analysis under an id that the same analyst of the same revision gets again."""
    analysis_id = derived_id("analysis", event.file_id, event.revision, analysis.model, analysis.version)
    await connection.execute(
        SAVE_ANALYSIS,
        {
            "id": analysis_id,
            "file_id": event.file_id,
            "revision": event.revision,
            "model": analysis.model,
            "version": analysis.version,
            "result": analysis.model_dump_json(),
        },
    )
    return analysis_id


async def save_moments(
    connection: Connection, event: FileEvent, moments: Sequence[Moment], vectors: Mapping[str, str], model: str
) -> None:
    """Put a file's moments and their vectors, given by text as pgvector reads them, in the place of those it had."""
    await connection.execute(
        SAVE_MOMENTS,
        {
            "file_id": event.file_id,
            "revision": event.revision,
            "model": model,
            "fields": [moment.field for moment in moments],
            "starts": [moment.start for moment in moments],
            "ends": [moment.end for moment in moments],
            "texts": [moment.text for moment in moments],
            "vectors": [vectors[moment.text] for moment in moments],
        },
    )


def halfvec(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it; five digits are more than a half-precision number holds."""
    return json.dumps([float(f"{value:.5g}") for value in vector.tolist()])
