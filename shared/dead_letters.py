"""Messages given up, with what went wrong each time: to be inspected, mended and sent again."""

import json
from dataclasses import dataclass
from uuid import UUID

from shared.database import Connection

BURY = """
    INSERT INTO dead_letters (consumer, event_id, address, headers, body, error, error_type, deliveries, history)
    VALUES (%(consumer)s, %(event_id)s, %(address)s, %(headers)s, %(body)s, %(error)s, %(error_type)s, %(deliveries)s,
            jsonb_build_array(%(entry)s::jsonb))
    ON CONFLICT (consumer, event_id) DO UPDATE
    SET error = excluded.error, error_type = excluded.error_type, deliveries = excluded.deliveries, buried_at = now(),
        history = dead_letters.history || excluded.history
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
    """Keep the message; if it was given up before, add to its history."""
    entry = {"error": letter.error, "type": letter.error_type, "deliveries": letter.deliveries}
    await connection.execute(BURY, {**vars(letter), "headers": json.dumps(letter.headers), "entry": json.dumps(entry)})
