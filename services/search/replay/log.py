"""SQL of the log: events as the outbox has them. Postgres writes the JSON, so that a page is one string and no objects."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row

from services.search.replay.choice import Choice, conditions
from services.search.replay.consumers import SERVICES
from shared.database import Connection
from shared.errors import NotFound

EVENT = sql.SQL("""
    json_build_object(
        'id', outbox.id, 'sequence', outbox.sequence, 'subject', outbox.subject, 'address', outbox.address,
        'key', outbox.key, 'path', (SELECT path FROM files WHERE files.id = outbox.key), 'revision', outbox.revision,
        'run_id', outbox.run_id, 'created_at', outbox.created_at, 'published_at', outbox.published_at,
        'headers', outbox.headers, 'body', outbox.body)
""")

PAGE = """
    WITH page AS (SELECT * FROM outbox WHERE {conditions} ORDER BY position {direction} LIMIT %(limit)s + 1),
    told AS (
        SELECT position, row_number() OVER (ORDER BY position {direction}) AS place, {event} AS event FROM page AS outbox
    )
    SELECT coalesce(json_agg(event ORDER BY place) FILTER (WHERE place <= %(limit)s), '[]')::text AS events,
           (array_agg(position) FILTER (WHERE place = %(limit)s))[1] AS last, count(*) > %(limit)s AS more
    FROM told
"""

FOUND = sql.SQL("SELECT {} FROM outbox WHERE id = %(id)s").format(EVENT)

STAGES = """
    SELECT files.id, files.path, files.revision AS present, stage, file_stages.state, file_stages.reason,
           file_stages.run_id, file_stages.settled_at
    FROM files JOIN file_stages ON file_stages.file_id = files.id WHERE files.id = %(key)s
"""

APPLIED = "SELECT consumer, applied_at FROM inbox WHERE consumer = ANY(%(services)s::text[]) AND event_id = %(id)s"

LETTERS = "SELECT id, consumer FROM dead_letters WHERE event_id = %(id)s OR resent_as = %(id)s ORDER BY id"


@dataclass(frozen=True)
class Page:
    """Events as JSON text, the position of the last, and whether there are more."""

    events: str
    last: int | None
    more: bool


async def page(connection: Connection, choice: Choice, *, after: int | None, newest: bool, limit: int) -> Page:
    """Events that are chosen, beyond a position; the newest or the oldest first."""
    condition, values = conditions(choice)
    if after is not None:
        beyond = "outbox.position < %(after)s" if newest else "outbox.position > %(after)s"
        condition = sql.SQL("{} AND {}").format(condition, sql.SQL(beyond))
    direction = sql.SQL("DESC" if newest else "ASC")
    statement = sql.SQL(PAGE).format(conditions=condition, direction=direction, event=EVENT)
    async with connection.cursor(row_factory=class_row(Page)) as cursor:
        await cursor.execute(statement, {**values, "after": after, "limit": limit})
        found = await cursor.fetchone()
    assert found is not None
    return found


async def find(connection: Connection, event_id: UUID) -> dict[str, Any]:
    """An event as the log has it; raises NotFound."""
    cursor = await connection.execute(FOUND, {"id": event_id})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("event", event_id)
    event: dict[str, Any] = row[0]
    return event


async def stages_of(connection: Connection, key: UUID) -> list[dict[str, Any]]:
    """How far a file is, a row per stage; none if it is no file of the library."""
    return await _rows(connection, STAGES, {"key": key})


async def applied(connection: Connection, event_id: UUID) -> dict[str, Any]:
    """When each service applied an event."""
    return {
        row["consumer"]: row["applied_at"] for row in await _rows(connection, APPLIED, {"id": event_id, "services": SERVICES})
    }


async def letters(connection: Connection, event_id: UUID) -> list[dict[str, Any]]:
    """Dead letters of an event."""
    return await _rows(connection, LETTERS, {"id": event_id})


async def _rows(connection: Connection, statement: str, values: dict[str, object]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement.encode(), values)
        return await cursor.fetchall()
