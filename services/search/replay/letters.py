"""SQL of dead letters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row

from services.search.replay.consumers import SERVICES
from shared.database import Connection
from shared.errors import NotFound

State = Literal["dead", "sent", "applied"]
"""`sent` is sent again, and neither applied nor given up since."""

COLUMNS = sql.SQL("""
    SELECT letters.id, letters.consumer, event_id, address, headers, body, edited, edited_at, edited_by, error, error_type,
           deliveries, history, buried_at, resent_at, resent_by, resent_as, state.state, files.id AS file_id, files.path
    FROM dead_letters AS letters
    CROSS JOIN LATERAL (
        SELECT CASE WHEN resent_at IS NULL OR buried_at > resent_at THEN 'dead'
                    WHEN EXISTS (SELECT FROM inbox WHERE inbox.consumer = ANY(%(services)s::text[])
                                   AND inbox.event_id = letters.resent_as) THEN 'applied'
                    ELSE 'sent' END AS state
    ) AS state
    LEFT JOIN files
        ON files.id = substring(letters.address FROM '\\.([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})$')::uuid
""").format()

CONDITIONS = {
    "consumer": "letters.consumer = %(consumer)s",
    "subject": "(letters.address = %(subject)s OR starts_with(letters.address, %(subject)s || '.'))",
    "since": "letters.buried_at >= %(since)s",
    "state": "state.state = %(state)s",
    "before": "letters.id < %(before)s",
    "id": "letters.id = %(id)s",
}

COUNTS = """
    SELECT consumer, error_type, count(*) AS letters, count(*) FILTER (WHERE state = 'dead') AS dead,
           max(buried_at) AS latest FROM ({letters}) AS found
    GROUP BY consumer, error_type ORDER BY letters DESC, consumer, error_type
"""

HOLD = "SELECT FROM dead_letters WHERE id = %(id)s FOR UPDATE"

EDIT = """
    UPDATE dead_letters SET edited = %(body)s, edited_at = now(), edited_by = %(by)s WHERE id = %(id)s
"""

RESENT = """
    UPDATE dead_letters SET resent_at = now(), resent_by = %(by)s, resent_as = %(event_id)s,
        history = history || jsonb_build_array(jsonb_build_object(
            'at', now(), 'resent_by', %(by)s::text, 'event_id', %(event_id)s::uuid, 'edited', edited IS NOT NULL))
    WHERE id = %(id)s
"""


@dataclass(frozen=True)
class Letter:
    """A message that was given up, what was done about it since, and the file that it is about."""

    id: int
    consumer: str
    event_id: UUID
    address: str
    headers: dict[str, str]
    body: bytes
    edited: bytes | None
    edited_at: datetime | None
    edited_by: str | None
    error: str
    error_type: str
    deliveries: int
    history: list[dict[str, Any]]
    buried_at: datetime
    resent_at: datetime | None
    resent_by: str | None
    resent_as: UUID | None
    state: State
    file_id: UUID | None
    path: str | None

    @property
    def sent(self) -> bytes:
        """The body that is sent again."""
        return self.body if self.edited is None else self.edited


async def page(connection: Connection, wanted: dict[str, Any], *, limit: int) -> list[Letter]:
    """Letters that meet the conditions, the latest first."""
    statement = sql.SQL("{} ORDER BY letters.id DESC LIMIT %(limit)s").format(_chosen(wanted))
    async with connection.cursor(row_factory=class_row(Letter)) as cursor:
        await cursor.execute(statement, {**wanted, "limit": limit, "services": SERVICES})
        return await cursor.fetchall()


async def counts(connection: Connection, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Letters that meet the conditions, by consumer and kind of error."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql.SQL(COUNTS).format(letters=_chosen(wanted)), {**wanted, "services": SERVICES})
        return await cursor.fetchall()


async def find(connection: Connection, letter_id: int, *, hold: bool = False) -> Letter:
    """A letter, which stays as it is until the transaction ends if `hold`; raises NotFound."""
    if hold:
        await connection.execute(HOLD, {"id": letter_id})
    found = await page(connection, {"id": letter_id}, limit=1)
    if not found:
        raise NotFound("dead letter", letter_id)
    return found[0]


async def edit(connection: Connection, letter_id: int, body: bytes | None, by: str) -> None:
    """Keep what is to be sent in place of the body; None for the body as it came."""
    await connection.execute(EDIT, {"id": letter_id, "body": body, "by": by})


async def note_resent(connection: Connection, letter_id: int, event_id: UUID, by: str) -> None:
    """Note that a letter was sent again, and as which event."""
    await connection.execute(RESENT, {"id": letter_id, "event_id": event_id, "by": by})


def _chosen(wanted: dict[str, Any]) -> sql.Composable:
    parts = [sql.SQL("true"), *(sql.SQL(CONDITIONS[name]) for name in wanted)]
    return sql.SQL("{} WHERE {}").format(COLUMNS, sql.SQL(" AND ").join(parts))
