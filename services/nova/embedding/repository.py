"""SQL of the vectors of a file's moments."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import class_row

from services.nova.embedding.vectors import PICTURE, Made
from services.nova.moments import Moment
from shared import embedders
from shared.contracts import FileEvent
from shared.database import Connection
from shared.embedders import EmbedderState
from shared.errors import Transient

PLACE_BITS = 20
"""Of a moment's id, for its place among those of its file; with the file's number it stays a number that browsers can tell."""
MOST = (1 << PLACE_BITS) - 1
"""Moments of one file; a recording of a month says less."""

# Elsewhere only some moments are looked at: of a word that every file has, most may have been embedded by others alone.
TEXTS = """
    SELECT wanted.text, found.embedding FROM unnest(%(texts)s::text[]) AS wanted (text) CROSS JOIN LATERAL (
        (SELECT embeddings.embedding::text FROM moments JOIN embeddings ON embeddings.moment_id = moments.id
         WHERE moments.file_id = %(file_id)s AND moments.text = wanted.text AND embeddings.model = %(model)s LIMIT 1)
        UNION ALL
        (SELECT embeddings.embedding::text FROM (SELECT id FROM moments WHERE text = wanted.text LIMIT 100) AS same
         JOIN embeddings ON embeddings.moment_id = same.id AND embeddings.model = %(model)s LIMIT 1)
        LIMIT 1
    ) AS found
"""

PICTURES = """
    SELECT start_s, end_s, embeddings.embedding::text
    FROM moments JOIN embeddings ON embeddings.moment_id = moments.id AND embeddings.model = %(model)s
    WHERE file_id = %(file_id)s AND revision = %(revision)s AND field = %(field)s ORDER BY start_s
"""

SIGHT = """
    SELECT files.kind, coalesce(files.duration, rendition.duration) AS duration, coalesce(shots.cuts, '{}') AS cuts,
           rendition.key, rendition.content_type
    FROM files JOIN renditions AS rendition ON rendition.file_id = files.id AND rendition.revision = files.revision
      AND rendition.name = CASE files.kind WHEN 'image' THEN 'image' WHEN 'video' THEN 'proxy' END
    LEFT JOIN shots ON shots.file_id = files.id AND shots.revision = files.revision
    WHERE files.id = %(file_id)s AND files.revision = %(revision)s
"""

FORGET = "DELETE FROM moments WHERE file_id = %(file_id)s"

# Ids follow from the file and the place in it, so that they are the same whenever the same is stored again, wherever that is.
SAVE = f"""
    WITH told AS MATERIALIZED (
        SELECT (files.number << {PLACE_BITS}) + place AS id, texts.*
        FROM files, unnest(%(fields)s::text[], %(starts)s::float8[], %(ends)s::float8[], %(texts)s::text[])
          WITH ORDINALITY AS texts (field, start_s, end_s, text, place)
        WHERE files.id = %(file_id)s
    ), saved AS (
        INSERT INTO moments (id, file_id, revision, field, start_s, end_s, text) OVERRIDING SYSTEM VALUE
        SELECT id, %(file_id)s, %(revision)s, field, start_s, end_s, text FROM told
    )
    INSERT INTO embeddings (moment_id, model, embedding) SELECT told.id, vectors.model, vectors.vector::halfvec
    FROM unnest(%(places)s::bigint[], %(models)s::text[], %(vectors)s::text[]) AS vectors (place, model, vector)
    JOIN told USING (place)
"""  # noqa: S608 - built of constants


@dataclass(frozen=True)
class Sight:
    """What there is to be seen of a file: its rendition for people, and where shots begin in a video, in seconds; a `Kind`."""

    kind: str
    duration: float | None
    cuts: list[float]
    key: str
    content_type: str


async def vectors_of_texts(connection: Connection, file_id: UUID, model: str, texts: Sequence[str]) -> dict[str, str]:
    """The vectors that some moment with the same text has, as pgvector writes them, by text."""
    cursor = await connection.execute(TEXTS, {"file_id": file_id, "model": model, "texts": list(texts)})
    return dict(await cursor.fetchall())


async def vectors_of_pictures(connection: Connection, event: FileEvent, model: str) -> dict[Moment, str]:
    """The vectors of what is to be seen in this revision of the file, as pgvector writes them."""
    values = {"file_id": event.file_id, "revision": event.revision, "model": model, "field": PICTURE}
    cursor = await connection.execute(PICTURES, values)
    return {Moment(PICTURE, "", start, end): vector for start, end, vector in await cursor.fetchall()}


async def load_sight(connection: Connection, event: FileEvent) -> Sight | None:
    """The rendition to look at; None if there is none."""
    async with connection.cursor(row_factory=class_row(Sight)) as cursor:
        await cursor.execute(SIGHT, {"file_id": event.file_id, "revision": event.revision})
        return await cursor.fetchone()


async def save(connection: Connection, event: FileEvent, made: Made) -> str:
    """Put a file's moments and their vectors in the place of those it had; answers with the embedder that serves.

    Raises Transient if that is one whose vectors were not made.
    """
    in_use = await embedders.hold(connection)
    serving = next(row.model for row in in_use if row.state == EmbedderState.SERVING)
    if serving not in made.models:
        raise Transient(f"{serving} answers searches since just now; the file is embedded again, for it.")
    await store(connection, event, made, [row.model for row in in_use])
    return serving


async def store(connection: Connection, event: FileEvent, made: Made, models: Sequence[str]) -> None:
    """The same with the vectors of these embedders, in whichever tables the connection's search path leads to."""
    moments = made.moments[:MOST]
    rows = [
        (place, model, vector)
        for model in models
        for place, moment in enumerate(moments, start=1)
        if (vector := made.vector(model, moment)) is not None
    ]
    await connection.execute(FORGET, {"file_id": event.file_id})
    await connection.execute(
        SAVE,
        {
            "file_id": event.file_id,
            "revision": event.revision,
            "fields": [moment.field for moment in moments],
            "starts": [moment.start for moment in moments],
            "ends": [moment.end for moment in moments],
            "texts": [moment.text for moment in moments],
            "places": [place for place, _, _ in rows],
            "models": [model for _, model, _ in rows],
            "vectors": [vector for _, _, vector in rows],
        },
    )


def halfvec(vector: NDArray[np.float32]) -> str:
    """A vector as pgvector reads it; five digits are more than a half-precision number holds."""
    return json.dumps([float(f"{value:.5g}") for value in vector.tolist()])
