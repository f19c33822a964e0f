"""SQL of saved searches."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from services.search.identity.callers import Caller
from services.search.identity.roles import Scope
from services.search.moments.like_text import pattern
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id
from shared.labels import label_key

SEARCH = "SELECT id, owner, name, key, shared, query, created_at, updated_at FROM saved_searches"
SEEN = "(shared OR owner = %(asking)s OR %(sees_all)s)"
PAGE = f"""
    {SEARCH} WHERE {SEEN} AND (key, id) > (%(after)s, %(after_id)s) AND key LIKE %(pattern)s ORDER BY key, id LIMIT %(limit)s
"""
FIND = f"{SEARCH} WHERE id = %(id)s AND {SEEN}"
NAMED = f"{SEARCH} WHERE owner = %(owner)s AND key = %(key)s"
ADD = """
    INSERT INTO saved_searches (id, owner, name, key, shared, query)
    VALUES (%(id)s, %(owner)s, %(name)s, %(key)s, %(shared)s, %(query)s)
"""
CHANGE = """
    UPDATE saved_searches SET name = %(name)s, key = %(key)s, shared = %(shared)s, query = %(query)s, updated_at = now()
    WHERE id = %(id)s
"""
REMOVE = "DELETE FROM saved_searches WHERE id = %(id)s"


@dataclass(frozen=True)
class Saved:
    """A search that is kept."""

    id: UUID
    owner: str
    name: str
    key: str
    shared: bool
    query: str
    created_at: datetime
    updated_at: datetime


async def page(connection: Connection, asking: Caller, q: str, after: tuple[str, UUID], limit: int) -> list[Saved]:
    """Searches that the caller may see and whose names contain this, by name, from the key and id of the one before."""
    key, after_id = after
    values = {**_seen(asking), "after": key, "after_id": after_id, "pattern": pattern(label_key(q)), "limit": limit}
    async with connection.cursor(row_factory=class_row(Saved)) as cursor:
        await cursor.execute(PAGE.encode(), values)
        return await cursor.fetchall()


async def find(connection: Connection, asking: Caller, search_id: UUID, *, hold: bool = False) -> Saved:
    """The search, if the caller may see it, and so that nobody else changes it meanwhile; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Saved)) as cursor:
        await cursor.execute(f"{FIND}{' FOR UPDATE' if hold else ''}".encode(), {**_seen(asking), "id": search_id})
        saved = await cursor.fetchone()
    if saved is None:
        raise NotFound("saved search", search_id)
    return saved


async def named(connection: Connection, owner: str, name: str) -> Saved | None:
    """The owner's search with this name, however it is written."""
    async with connection.cursor(row_factory=class_row(Saved)) as cursor:
        await cursor.execute(NAMED.encode(), {"owner": owner, "key": label_key(name)})
        return await cursor.fetchone()


async def add(connection: Connection, *, owner: str, name: str, shared: bool, query: str) -> UUID:
    """A new search."""
    search_id = new_id()
    values = {"id": search_id, "owner": owner, "name": name, "key": label_key(name), "shared": shared, "query": query}
    await connection.execute(ADD, values)
    return search_id


async def change(connection: Connection, search_id: UUID, *, name: str, shared: bool, query: str) -> None:
    """What it is now."""
    values = {"id": search_id, "name": name, "key": label_key(name), "shared": shared, "query": query}
    await connection.execute(CHANGE, values)


async def remove(connection: Connection, search_id: UUID) -> None:
    """Forget a search."""
    await connection.execute(REMOVE, {"id": search_id})


def _seen(asking: Caller) -> dict[str, object]:
    return {"asking": asking.name, "sees_all": asking.may(Scope.MANAGE)}
