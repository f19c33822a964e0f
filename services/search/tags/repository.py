"""SQL of tags."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from services.search.files.members import Hold, Members
from services.search.moments.like_text import pattern
from services.search.schemas import Named
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.labels import label_key

TAG = """
    SELECT id, name, key, created_by, created_at, (SELECT count(*) FROM file_tags WHERE tag_id = tags.id) AS files FROM tags
"""
PAGE = f"{TAG} WHERE key > %(after)s AND key LIKE %(pattern)s ORDER BY key LIMIT %(limit)s"
FIND = f"{TAG} WHERE id = %(id)s"
NAMED = f"{TAG} WHERE key = %(key)s"
ADD = "INSERT INTO tags (id, name, key, created_by) VALUES (%(id)s, %(name)s, %(key)s, %(created_by)s)"
RENAME = "UPDATE tags SET name = %(name)s, key = %(key)s WHERE id = %(id)s"

MERGE = """
    INSERT INTO file_tags (tag_id, file_id, added_by, added_at)
    SELECT %(into)s, file_id, added_by, added_at FROM file_tags WHERE tag_id = %(id)s
    ON CONFLICT DO NOTHING
"""
REMOVE = "DELETE FROM tags WHERE id = %(id)s"

FILE = "SELECT id FROM files WHERE id = %(id)s FOR KEY SHARE"
OF_FILE = """
    SELECT tags.id, name FROM tags JOIN file_tags ON tag_id = tags.id WHERE file_id = %(id)s ORDER BY key
"""

FILES = Members("file_tags", "tag_id")
"""Which files have which tag."""


@dataclass(frozen=True)
class Tag:
    """A tag, and how many files have it."""

    id: UUID
    name: str
    key: str
    created_by: str
    created_at: datetime
    files: int


async def page(connection: Connection, q: str, after: str, limit: int) -> list[Tag]:
    """Tags whose names contain this, by name, from the key of the last one of the page before."""
    async with connection.cursor(row_factory=class_row(Tag)) as cursor:
        await cursor.execute(PAGE.encode(), {"after": after, "pattern": pattern(label_key(q)), "limit": limit})
        return await cursor.fetchall()


async def find(connection: Connection, tag_id: UUID, hold: Hold = Hold.NOT) -> Tag:
    """The tag, held until the transaction ends; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Tag)) as cursor:
        await cursor.execute(f"{FIND} {hold}".encode(), {"id": tag_id})
        tag = await cursor.fetchone()
    if tag is None:
        raise NotFound("tag", tag_id)
    return tag


async def named(connection: Connection, name: str) -> Tag | None:
    """The tag with this name, however it is written."""
    async with connection.cursor(row_factory=class_row(Tag)) as cursor:
        await cursor.execute(NAMED.encode(), {"key": label_key(name)})
        return await cursor.fetchone()


async def add(connection: Connection, name: str, created_by: str) -> UUID:
    """A new tag."""
    tag_id = new_id()
    await connection.execute(ADD, {"id": tag_id, "name": name, "key": label_key(name), "created_by": created_by})
    return tag_id


async def rename(connection: Connection, tag_id: UUID, name: str) -> None:
    """Another name."""
    await connection.execute(RENAME, {"id": tag_id, "name": name, "key": label_key(name)})


async def merge(connection: Connection, tag_id: UUID, into: UUID) -> None:
    """Give the files of a tag another one in its place."""
    await connection.execute(MERGE, {"id": tag_id, "into": into})
    await remove(connection, tag_id)


async def remove(connection: Connection, tag_id: UUID) -> None:
    """Forget a tag; its files stay."""
    await connection.execute(REMOVE, {"id": tag_id})


async def of_file(connection: Connection, file_id: UUID) -> list[Named]:
    """The tags of a file, which stays while the transaction lasts; raises NotFound."""
    if await (await connection.execute(FILE, {"id": file_id})).fetchone() is None:
        raise NotFound("file", file_id)
    cursor = await connection.execute(OF_FILE, {"id": file_id})
    return [Named(id=tag_id, name=name) for tag_id, name in await cursor.fetchall()]
