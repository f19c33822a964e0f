"""SQL of collections."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from services.search.files.library import FILE, STAGES
from services.search.files.members import Hold, Members
from services.search.moments.like_text import pattern
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.labels import label_key

COLLECTION = """
    SELECT id, name, key, description, created_by, created_at, updated_at,
           (SELECT count(*) FROM collection_files WHERE collection_id = collections.id) AS files,
           (SELECT file_id FROM collection_files JOIN renditions USING (file_id)
            WHERE collection_id = collections.id AND renditions.name = 'thumbnail' ORDER BY position LIMIT 1) AS cover_of
    FROM collections
"""
PAGE = f"{COLLECTION} WHERE key > %(after)s AND key LIKE %(pattern)s ORDER BY key LIMIT %(limit)s"
FIND = f"{COLLECTION} WHERE id = %(id)s"
NAMED = f"{COLLECTION} WHERE key = %(key)s"
ADD = """
    INSERT INTO collections (id, name, key, description, created_by)
    VALUES (%(id)s, %(name)s, %(key)s, %(description)s, %(created_by)s)
"""
CHANGE = """
    UPDATE collections SET name = %(name)s, key = %(key)s, description = %(description)s, updated_at = now() WHERE id = %(id)s
"""
TOUCH = "UPDATE collections SET updated_at = now() WHERE id = %(id)s"
REMOVE = "DELETE FROM collections WHERE id = %(id)s"

FILES_PAGE = """
    WITH page AS (
        SELECT file_id, position, added_at, added_by FROM collection_files
        WHERE collection_id = %(id)s AND position > %(after)s ORDER BY position LIMIT %(limit)s + 1
    ), told AS (
        SELECT position, row_number() OVER (ORDER BY position) AS place,
               json_build_object('added_at', added_at, 'added_by', added_by, 'file', {file}) AS file
        FROM page JOIN files ON files.id = page.file_id {stages}
    )
    SELECT coalesce(json_agg(file ORDER BY place) FILTER (WHERE place <= %(limit)s), '[]')::text AS files,
           max(position) FILTER (WHERE place <= %(limit)s) AS last, count(*) > %(limit)s AS more
    FROM told
"""

FILES = Members("collection_files", "collection_id")
"""Which files are in which collection."""


@dataclass(frozen=True)
class Collection:
    """A collection, how many files it has, and the first of them that has a picture."""

    id: UUID
    name: str
    key: str
    description: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    files: int
    cover_of: UUID | None


@dataclass(frozen=True)
class Page:
    """Files as JSON text, the position of the last, and whether there are more."""

    files: str
    last: int | None
    more: bool


async def page(connection: Connection, q: str, after: str, limit: int) -> list[Collection]:
    """Collections whose names contain this, by name, from the key of the last one of the page before."""
    async with connection.cursor(row_factory=class_row(Collection)) as cursor:
        await cursor.execute(PAGE.encode(), {"after": after, "pattern": pattern(label_key(q)), "limit": limit})
        return await cursor.fetchall()


async def find(connection: Connection, collection_id: UUID, hold: Hold = Hold.NOT) -> Collection:
    """The collection, held until the transaction ends; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Collection)) as cursor:
        await cursor.execute(f"{FIND} {hold}".encode(), {"id": collection_id})
        collection = await cursor.fetchone()
    if collection is None:
        raise NotFound("collection", collection_id)
    return collection


async def named(connection: Connection, name: str) -> Collection | None:
    """The collection with this name, however it is written."""
    async with connection.cursor(row_factory=class_row(Collection)) as cursor:
        await cursor.execute(NAMED.encode(), {"key": label_key(name)})
        return await cursor.fetchone()


async def add(connection: Connection, name: str, description: str, created_by: str) -> UUID:
    """A new collection."""
    collection_id = new_id()
    values = {"id": collection_id, "name": name, "key": label_key(name), "description": description, "created_by": created_by}
    await connection.execute(ADD, values)
    return collection_id


async def change(connection: Connection, collection_id: UUID, name: str, description: str) -> None:
    """Another name or description."""
    await connection.execute(CHANGE, {"id": collection_id, "name": name, "key": label_key(name), "description": description})


async def touch(connection: Connection, collection_id: UUID) -> None:
    """Note that its files were changed."""
    await connection.execute(TOUCH, {"id": collection_id})


async def remove(connection: Connection, collection_id: UUID) -> None:
    """Forget a collection; its files stay."""
    await connection.execute(REMOVE, {"id": collection_id})


async def files(connection: Connection, collection_id: UUID, after: int, limit: int) -> Page:
    """Files of a collection that were added after this position, in the order in which they were."""
    statement = sql.SQL(FILES_PAGE).format(file=FILE, stages=STAGES)
    async with connection.cursor(row_factory=class_row(Page)) as cursor:
        await cursor.execute(statement, {"id": collection_id, "after": after, "limit": limit})
        found = await cursor.fetchone()
    assert found is not None
    return found
