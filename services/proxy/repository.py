"""SQL of the proxy service."""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from psycopg.rows import class_row

from services.proxy.renditions import Rendered, Source, key
from shared import stages
from shared.contracts import FileEvent, FileIngested, Kind, Stage
from shared.database import Connection
from shared.errors import Superseded

LOAD = """
    SELECT id, revision, kind, path_raw, size, modified_ns, duration, object_key,
           coalesce(jsonb_typeof(metadata->'audio') = 'object', false) AS has_audio
    FROM files WHERE id = %(file_id)s AND revision = %(revision)s
"""

FORGET = "DELETE FROM renditions WHERE file_id = %(file_id)s AND NOT name = ANY(%(names)s)"

SAVE = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes, width, height, duration, recipe)
    SELECT %(file_id)s, made.name, %(revision)s, made.key, made.content_type, made.bytes, made.width, made.height,
           made.duration, made.recipe
    FROM unnest(
        %(names)s::text[], %(keys)s::text[], %(content_types)s::text[], %(bytes)s::bigint[],
        %(widths)s::integer[], %(heights)s::integer[], %(durations)s::double precision[], %(recipes)s::text[]
    ) AS made (name, key, content_type, bytes, width, height, duration, recipe)
    ON CONFLICT (file_id, name) DO UPDATE SET
        revision = excluded.revision, key = excluded.key, content_type = excluded.content_type, bytes = excluded.bytes,
        width = excluded.width, height = excluded.height, duration = excluded.duration, recipe = excluded.recipe,
        created_at = now()
"""

SAVE_CUTS = """
    INSERT INTO shots (file_id, revision, cuts) VALUES (%(file_id)s, %(revision)s, %(cuts)s)
    ON CONFLICT (file_id) DO UPDATE SET revision = excluded.revision, cuts = excluded.cuts
"""


@dataclass(frozen=True)
class SourceRow:
    """A row of `LOAD`."""

    id: UUID
    revision: int
    kind: str
    path_raw: bytes
    size: int
    modified_ns: int
    duration: float | None
    object_key: str | None
    has_audio: bool


async def load_source(connection: Connection, event: FileEvent) -> Source:
    """The original to work on; raises Superseded unless the file's proxy waits for this event."""
    await stages.require_pending(connection, event, Stage.PROXY)
    async with connection.cursor(row_factory=class_row(SourceRow)) as cursor:
        await cursor.execute(LOAD, {"file_id": event.file_id, "revision": event.revision})
        row = await cursor.fetchone()
    if row is None:
        raise Superseded(event.file_id, event.revision)
    return Source(
        row.id,
        row.revision,
        Kind(row.kind),
        Path(os.fsdecode(row.path_raw)),
        row.size,
        row.modified_ns,
        row.duration,
        event.has_audio if isinstance(event, FileIngested) else row.has_audio,
        row.object_key,
    )


async def save(connection: Connection, source: Source, rendered: Rendered) -> None:
    """Note what was made, in place of what an earlier revision had."""
    made = rendered.renditions
    values = {
        "file_id": source.file_id,
        "revision": source.revision,
        "names": [rendition.name for rendition in made],
        "keys": [key(source, rendition) for rendition in made],
        "content_types": [rendition.content_type for rendition in made],
        "bytes": [rendition.bytes for rendition in made],
        "widths": [rendition.width for rendition in made],
        "heights": [rendition.height for rendition in made],
        "durations": [rendition.duration for rendition in made],
        "recipes": [rendition.recipe for rendition in made],
    }
    await connection.execute(FORGET, values)
    await connection.execute(SAVE, values)
    if rendered.cuts is not None:
        await connection.execute(SAVE_CUTS, {**values, "cuts": list(rendered.cuts)})
