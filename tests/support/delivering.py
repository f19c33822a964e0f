"""Workers on the real bus, with consumers of a test's own, and handlers that note what they are given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from faststream.nats import NatsBroker
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from shared.bus import consumer_config
from shared.clock import utc_now
from shared.contracts import STREAM, Event
from shared.database import Database
from shared.messaging import Subscription, rest_while_unserved, subscribe
from shared.outbox import cloud_event_headers
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.support.waiting import until, until_so

Act = Callable[[Any], Awaitable[None]]


async def nothing(event: Event) -> None:
    """Do no work."""


@dataclass
class Handler:
    """Notes each event and when it came, then does as told."""

    act: Act = nothing
    events: list[Event] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    finished: int = 0

    async def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.times.append(asyncio.get_running_loop().time())
        await self.act(event)
        self.finished += 1

    async def called(self, times: int, *, within: float = 10.0) -> None:
        """Wait until it was called so many times."""
        await until(lambda: len(self.events) >= times, within=within)


def reacting(consumer: Consumer, handler: Act, **options: Any) -> Subscription:
    """The same handler for every event of the consumer."""
    return Subscription(consumer, dict.fromkeys(consumer.events, handler), **options)


@asynccontextmanager
async def working(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, *subscriptions: Subscription, grace: float = 5.0
) -> AsyncIterator[NatsBroker]:
    """A broker whose workers handle the subscriptions; their consumers are declared first."""
    broker = NatsBroker(settings.nats_url.get_secret_value(), graceful_timeout=grace, apply_types=False, logger=None)
    for subscription in subscriptions:
        await stream.add_consumer(STREAM, consumer_config(subscription.consumer))
        subscribe(broker, subscription, database)
    await broker.start()
    rest_while_unserved(broker)
    try:
        yield broker
    finally:
        await broker.stop()


async def publish(stream: JetStreamContext, *events: Event) -> None:
    """Put events on the stream as the relay does."""
    for event in events:
        headers = cloud_event_headers(event, utc_now(), "test")
        await stream.publish(event.address, event.model_dump_json().encode(), stream=STREAM, headers=headers)


async def settled(stream: JetStreamContext, durable: str) -> None:
    """Wait until every message of the stream is handled by the consumer and acknowledged."""

    async def done() -> bool:
        info: ConsumerInfo = await stream.consumer_info(STREAM, durable)
        return not info.num_pending and not info.num_ack_pending

    await until_so(done)
