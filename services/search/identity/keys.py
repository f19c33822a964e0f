"""The rows of API keys."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from services.search.identity import tokens
from services.search.identity.roles import Scope
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id

ADD = """
    INSERT INTO api_keys (id, person_id, name, prefix, key_hash, scopes, expires_at)
    VALUES (%(id)s, %(person_id)s, %(name)s, %(prefix)s, %(key_hash)s, %(scopes)s, %(expires_at)s)
"""

KEY = """
    SELECT api_keys.id, people.name AS person, api_keys.name, prefix, scopes, api_keys.created_at, expires_at, revoked_at,
           last_used_at
    FROM api_keys JOIN people ON people.id = person_id
"""

REVOKE = "UPDATE api_keys SET revoked_at = now() WHERE revoked_at IS NULL"


@dataclass(frozen=True)
class Key:
    """A key as lists show it."""

    id: UUID
    person: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


async def add(
    connection: Connection, person_id: UUID, *, name: str, scopes: Collection[Scope], expires_at: datetime | None
) -> tuple[UUID, str]:
    """Id and text of a new key; the text is nowhere else."""
    key_id, key = new_id(), tokens.new_key()
    values = {
        "id": key_id,
        "person_id": person_id,
        "name": name,
        "prefix": tokens.prefix_of(key),
        "key_hash": tokens.digest(key),
        "scopes": [scope.value for scope in Scope if scope in scopes],
        "expires_at": expires_at,
    }
    await connection.execute(ADD, values)
    return key_id, key


async def keys(connection: Connection, person_id: UUID) -> list[Key]:
    """A person's keys, the latest first."""
    async with connection.cursor(row_factory=class_row(Key)) as cursor:
        statement = f"{KEY} WHERE person_id = %(person_id)s ORDER BY api_keys.created_at DESC, api_keys.id DESC"
        await cursor.execute(statement.encode(), {"person_id": person_id})
        return await cursor.fetchall()


async def find(connection: Connection, key_id: UUID) -> Key:
    """The key; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Key)) as cursor:
        await cursor.execute(f"{KEY} WHERE api_keys.id = %(id)s".encode(), {"id": key_id})
        key = await cursor.fetchone()
    if key is None:
        raise NotFound("key", key_id)
    return key


async def revoke(connection: Connection, key_id: UUID, *, of: UUID | None) -> UUID:
    """Revoke a key, of this person if one is named, and say whose it was; raises NotFound unless it still worked."""
    statement = f"{REVOKE} AND id = %(id)s AND person_id = coalesce(%(of)s, person_id) RETURNING person_id"
    row = await (await connection.execute(statement.encode(), {"id": key_id, "of": of})).fetchone()
    if row is None:
        raise NotFound("key", key_id)
    person_id: UUID = row[0]
    return person_id


async def revoke_all(connection: Connection, person_id: UUID) -> None:
    """Revoke all of a person's keys."""
    await connection.execute(f"{REVOKE} AND person_id = %(person_id)s".encode(), {"person_id": person_id})
