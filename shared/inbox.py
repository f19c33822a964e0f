"""The inbox: a service notes each event it applies, in the transaction of the effect, so that none is applied twice."""

from uuid import UUID

from shared.database import Connection
from shared.errors import AlreadyApplied

BEGIN_AND_CLAIM = "BEGIN; INSERT INTO inbox (consumer, event_id) VALUES ('{}', '{}') ON CONFLICT DO NOTHING"
"""Both in one round trip, which takes no parameters: a service's name is ours, and an id is made of hex digits."""


async def begin(connection: Connection, consumer: str, event_id: UUID) -> None:
    """Open a transaction in which `consumer` applies the event; raises AlreadyApplied if it has done so before."""
    cursor = await connection.execute(BEGIN_AND_CLAIM.format(consumer, event_id).encode(), prepare=False)
    cursor.nextset()
    if cursor.rowcount == 0:
        raise AlreadyApplied(event_id)
