"""Messages given up, with what went wrong each time: to be inspected, mended and sent again."""

import json
from dataclasses import dataclass
from uuid import UUID

from shared.clock import utc_now
from shared.database import Connection

RESENT = "Spillway-Letter"
"""Header of a message that was sent again: the id of its dead letter, whose history goes on if it is given up again."""

BURY = """
    INSERT INTO dead_letters (consumer, event_id, address, headers, body, error, error_type, deliveries, history)
    VALUES (%(consumer)s, %(event_id)s, %(address)s, %(headers)s, %(body)s, %(error)s, %(error_type)s, %(deliveries)s,
            jsonb_build_array(%(entry)s::jsonb))
    ON CONFLICT (consumer, event_id) DO UPDATE
    SET error = excluded.error, error_type = excluded.error_type, deliveries = excluded.deliveries, buried_at = now(),
        history = dead_letters.history || excluded.history
"""

# Who sent the letter again holds its row until that is committed, so that this comes after it.
BURY_AGAIN = """
    UPDATE dead_letters SET error = %(error)s, error_type = %(error_type)s, deliveries = %(deliveries)s, buried_at = now(),
        history = history || jsonb_build_array(%(entry)s::jsonb)
    WHERE id = %(letter)s AND consumer = %(consumer)s
"""


@dataclass(frozen=True)
class DeadLetter:
    """A message and why it was given up; `body` is as it came, valid or not."""

    consumer: str
    event_id: UUID
    address: str
    headers: dict[str, str]
    body: bytes
    error: str
    error_type: str
    deliveries: int


async def bury(connection: Connection, letter: DeadLetter) -> None:
    """Keep the message; if it was given up before, as it came first or sent again, add to its history."""
    entry = {
        "at": utc_now().isoformat(),
        "error": letter.error,
        "type": letter.error_type,
        "deliveries": letter.deliveries,
    }
    values = {**vars(letter), "headers": json.dumps(letter.headers), "entry": json.dumps(entry)}
    if (earlier := letter.headers.get(RESENT, "")).isdecimal():
        cursor = await connection.execute(BURY_AGAIN, {**values, "letter": int(earlier)})
        if cursor.rowcount:
            return
    await connection.execute(BURY, values)
