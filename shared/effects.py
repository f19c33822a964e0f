"""A handler's one short transaction: claims the event in the inbox, takes the writes, puts the next events into the outbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared import inbox, outbox
from shared.contracts import Event
from shared.database import Connection, Database
from shared.outbox import Relay


@dataclass(frozen=True)
class Effect:
    """What a handler may do inside the transaction."""

    connection: Connection
    service: str

    async def emit(self, *events: Event) -> None:
        """Let these events be published once the transaction is committed."""
        await outbox.enqueue(self.connection, *events, source=self.service)


@dataclass(frozen=True)
class Effects:
    """Opens transactions in a service's name and wakes its relay after each."""

    database: Database
    relay: Relay
    service: str

    @asynccontextmanager
    async def once(self, event: Event) -> AsyncIterator[Effect]:
        """The transaction of an event's effect; raises AlreadyApplied, which delivery acknowledges, if applied before."""
        async with self.database.connection() as connection:  # which rolls back what is not committed
            await inbox.begin(connection, self.service, event.id)
            yield Effect(connection, self.service)
            await connection.commit()
        self.relay.wake()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Effect]:
        """A transaction that no event caused, or one of several of a long effect."""
        async with self.database.transaction() as connection:
            yield Effect(connection, self.service)
        self.relay.wake()
