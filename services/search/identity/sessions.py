"""The rows of sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from services.search.identity import tokens
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import new_id

LONGEST_AGENT = 300
"""Characters that are kept of what a browser says of itself."""
KEPT = timedelta(days=30)
"""After which a session that is over is forgotten."""

BEGIN = """
    INSERT INTO sessions (id, person_id, token_hash, created_at, last_used_at, expires_at, address, user_agent)
    VALUES (%(id)s, %(person_id)s, %(token_hash)s, %(now)s, %(now)s, %(expires_at)s, %(address)s, %(user_agent)s)
"""

FORGET = """
    DELETE FROM sessions WHERE person_id = %(person_id)s AND least(ended_at, expires_at) < %(now)s - %(kept)s::interval
"""

OF_PERSON = """
    SELECT id, created_at, last_used_at, least(expires_at, last_used_at + %(idle)s::interval) AS expires_at, address, user_agent
    FROM sessions WHERE person_id = %(person_id)s AND ended_at IS NULL
      AND least(expires_at, last_used_at + %(idle)s::interval) > %(now)s
    ORDER BY created_at DESC, id
"""

END = "UPDATE sessions SET ended_at = now() WHERE person_id = %(person_id)s AND ended_at IS NULL"


@dataclass(frozen=True)
class Begun:
    """A session that has just begun, and its secret, which is nowhere else."""

    id: UUID
    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Session:
    """A session that goes on."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


async def begin(
    connection: Connection, person_id: UUID, *, now: datetime, lasts: timedelta, address: str | None, user_agent: str | None
) -> Begun:
    """A session of somebody who has shown who he is."""
    begun = Begun(new_id(), tokens.new_token(), now + lasts)
    await connection.execute(FORGET, {"person_id": person_id, "now": now, "kept": KEPT})
    values = {
        "id": begun.id,
        "person_id": person_id,
        "token_hash": tokens.digest(begun.token),
        "now": now,
        "expires_at": begun.expires_at,
        "address": address,
        "user_agent": user_agent[:LONGEST_AGENT] if user_agent else None,
    }
    await connection.execute(BEGIN, values)
    return begun


async def sessions(connection: Connection, person_id: UUID, *, now: datetime, idle: timedelta) -> list[Session]:
    """A person's sessions that go on, the latest first."""
    async with connection.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(OF_PERSON, {"person_id": person_id, "now": now, "idle": idle})
        return await cursor.fetchall()


async def end(connection: Connection, person_id: UUID, session_id: UUID) -> None:
    """End one of a person's sessions; raises NotFound unless it goes on."""
    cursor = await connection.execute(f"{END} AND id = %(id)s".encode(), {"person_id": person_id, "id": session_id})
    if cursor.rowcount == 0:
        raise NotFound("session", session_id)


async def end_all(connection: Connection, person_id: UUID, *, but: UUID | None = None) -> None:
    """End all of a person's sessions, except one if it is named."""
    await connection.execute(f"{END} AND id IS DISTINCT FROM %(but)s".encode(), {"person_id": person_id, "but": but})
