"""SQL of embedders that come and go."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from psycopg import sql

from services.nova.embedding.vectors import PICTURE
from shared.database import Connection
from shared.embedder import Embedder
from shared.embedders import InUse

LOCK = 7_205_759_409
"""Key of the advisory lock: one process at a time looks after the embedders."""
PAGE = 5000
"""Moments whose old vectors go in one statement."""

RETIRE = "UPDATE embedders SET state = 'retired', since = now(), emptied_at = NULL WHERE model = ANY(%(models)s)"

BUILD = """
    INSERT INTO embedders (model, dimensions, state, index_name) VALUES (%(model)s, %(dimensions)s, 'building', %(index_name)s)
    ON CONFLICT (model) DO UPDATE SET state = 'building', since = now(), emptied_at = NULL
"""

# What has no words is no text, which every embedder could read; the old one may not even have been able to see.
LACKING = """
    SELECT FROM moments JOIN embeddings AS old ON old.moment_id = moments.id AND old.model = %(serving)s
    WHERE moments.field <> %(picture)s AND NOT EXISTS (
        SELECT FROM embeddings AS new WHERE new.moment_id = moments.id AND new.model = %(building)s
    )
    LIMIT 1
"""

SERVE = """
    UPDATE embedders SET state = 'serving', since = now()
    WHERE model = %(building)s AND state = 'building'
      AND NOT EXISTS (SELECT FROM embedders WHERE state = 'serving')
"""

INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%(name)s)"

MAKE_INDEX = """
    CREATE INDEX CONCURRENTLY {name} ON embeddings USING hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops)
    WHERE model = {model}
"""

TO_EMPTY = "SELECT model FROM embedders WHERE state = 'retired' AND emptied_at IS NULL ORDER BY model"

EMPTY = """
    DELETE FROM embeddings USING embedders
    WHERE embedders.model = embeddings.model AND embedders.state = 'retired'
      AND moment_id > %(after)s AND moment_id <= %(until)s
"""

# A picture that the embedder of the day cannot see is nothing that could be found.
UNSEEN = """
    DELETE FROM moments WHERE field = %(picture)s AND id > %(after)s AND id <= %(until)s
      AND NOT EXISTS (SELECT FROM embeddings WHERE moment_id = moments.id)
"""

LAST = "SELECT max(moment_id) FROM embeddings"

EMPTIED = "UPDATE embedders SET emptied_at = now() WHERE model = ANY(%(models)s) AND state = 'retired'"


@asynccontextmanager
async def alone(connection: Connection) -> AsyncIterator[bool]:
    """Whether no other process looks after the embedders, and none will until the end of the block."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
    row = await cursor.fetchone()
    mine = bool(row and row[0])
    try:
        yield mine
    finally:
        if mine:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


async def retire(connection: Connection, models: Sequence[str]) -> None:
    """These embedders' vectors are not needed any more."""
    await connection.execute(RETIRE, {"models": list(models)})


async def build(connection: Connection, embedder: Embedder, index_name: str) -> None:
    """Vectors of this embedder are made from now on, beside those that serve."""
    values = {"model": embedder.model, "dimensions": embedder.dimensions, "index_name": index_name}
    await connection.execute(BUILD, values)


async def lacking(connection: Connection, serving: str, building: str) -> bool:
    """Whether some text could be found no more if the embedder that is building served now."""
    values = {"serving": serving, "building": building, "picture": PICTURE}
    return (await connection.execute(LACKING, values)).rowcount > 0


async def follow(connection: Connection, serving: str, building: str) -> bool:
    """Let the embedder that is building serve, unless something lacks its vectors; the caller has taken the embedders."""
    if await lacking(connection, serving, building):
        return False
    await retire(connection, [serving])
    return (await connection.execute(SERVE, {"building": building})).rowcount > 0


async def make_index(connection: Connection, embedder: InUse) -> None:
    """The index over an embedder's vectors, unless it is there; one that was not made to its end is made again."""
    cursor = await connection.execute(INDEX, {"name": embedder.index_name})
    row = await cursor.fetchone()
    if row and row[0]:
        return
    name = sql.Identifier(embedder.index_name)
    await connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {name}").format(name=name))
    dimensions, model = sql.Literal(embedder.dimensions), sql.Literal(embedder.model)
    await connection.execute(sql.SQL(MAKE_INDEX).format(name=name, dimensions=dimensions, model=model))


async def to_empty(connection: Connection) -> list[str]:
    """Embedders whose vectors are still there though nobody asks them."""
    cursor = await connection.execute(TO_EMPTY)
    return [row[0] for row in await cursor.fetchall()]


async def empty_page(connection: Connection, after: int) -> int | None:
    """Remove such vectors of the next moments; answers with where it ended, None if these were the last."""
    values = {"after": after, "until": after + PAGE, "picture": PICTURE}
    await connection.execute(EMPTY, values)
    await connection.execute(UNSEEN, values)
    cursor = await connection.execute(LAST)
    row = await cursor.fetchone()
    return after + PAGE if row and row[0] is not None and row[0] > after + PAGE else None


async def note_empty(connection: Connection, models: Sequence[str]) -> None:
    """Nothing is left of these embedders."""
    await connection.execute(EMPTIED, {"models": list(models)})
