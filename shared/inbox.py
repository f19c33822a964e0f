"""The inbox: a service notes each event it applies, in the transaction of the effect, so that none is applied twice."""

from uuid import UUID

from shared.database import Connection
from shared.errors import AlreadyApplied

CLAIM = "INSERT INTO inbox (consumer, event_id) VALUES (%(consumer)s, %(event_id)s) ON CONFLICT DO NOTHING"


async def claim(connection: Connection, consumer: str, event_id: UUID) -> None:
    """Note that `consumer` applies the event now; raises AlreadyApplied if it has done so before."""
    cursor = await connection.execute(CLAIM, {"consumer": consumer, "event_id": event_id})
    if cursor.rowcount == 0:
        raise AlreadyApplied(event_id)
