"""Events in the log, and messages that are given up."""

from dataclasses import dataclass, field
from typing import Any

from nats.js import JetStreamContext

from shared import outbox, stages
from shared.contracts import Event, FileEvent, FileIngested, Stage, StageState
from shared.database import Database
from shared.errors import BadMedia
from shared.outbox import Relay
from shared.service import Platform
from tests.support.library import add_file


async def added(database: Database) -> FileIngested:
    """A video that has just come into the library."""
    async with database.transaction() as connection:
        event = await add_file(connection)
        await stages.settle(connection, event, Stage.INGEST, StageState.DONE)
    return event


async def tell(database: Database, *events: Event) -> None:
    """Put events into the log, unpublished."""
    async with database.transaction() as connection:
        for event in events:
            await outbox.enqueue(connection, event, source="test")


async def publish_waiting(database: Database, stream: JetStreamContext) -> None:
    """Publish what waits in the log, as a relay does."""
    await Relay(database).publish_waiting(stream)


async def applied(platform: Platform, service: str, event: FileEvent, stage: Stage) -> None:
    """What a handler of this service does at its end: the event is noted, and its stage is done."""
    effects = Platform(service, platform.settings, platform.database, platform.blobs, platform.relay).effects
    async with effects.once(event) as effect:
        await stages.settle(effect.connection, event, stage, StageState.DONE)


@dataclass
class Repaired:
    """A handler of the proxy service that gives every event up until it is mended."""

    platform: Platform
    mended: bool = False
    seen: list[Any] = field(default_factory=list)

    async def __call__(self, event: FileEvent) -> None:
        self.seen.append(event)
        if not self.mended:
            raise BadMedia("It is damaged; copy it again.")
        await applied(self.platform, "proxy", event, Stage.PROXY)
