"""Long work keeps its message; without the renewal it would be done twice."""

import asyncio
from typing import Any, cast

import pytest
from faststream.nats import NatsMessage
from nats.js import JetStreamContext

from shared import messaging
from shared.contracts import STREAM, Event, FileIngested
from shared.database import Database
from shared.messaging import lease
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.support.delivering import Handler, publish, reacting, settled, working
from tests.support.library import add_file

LONG = Consumer("test-long", (FileIngested,), ack_wait=1.0)
WORK = 2.5
"""Seconds: more than two leases."""


class Renewals:
    """A message that counts its renewals, or cannot be renewed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.count = 0
        self.error = error

    async def in_progress(self) -> None:
        self.count += 1
        if self.error:
            raise self.error

    def as_message(self) -> NatsMessage:
        return cast("NatsMessage", self)


async def test_a_lease_is_renewed_until_the_block_ends_and_not_after() -> None:
    message = Renewals()
    with lease(message.as_message(), every=0.02):
        await asyncio.sleep(0.2)
    renewed = message.count
    assert 3 <= renewed <= 10
    await asyncio.sleep(0.1)
    assert message.count == renewed


async def test_a_lease_ends_with_a_block_that_raises() -> None:
    message = Renewals()
    with pytest.raises(ValueError, match="no"), lease(message.as_message(), every=0.02):
        raise ValueError("no")
    await asyncio.sleep(0.1)
    assert message.count == 0


async def test_work_goes_on_while_nothing_can_be_renewed() -> None:
    message = Renewals(ConnectionError("NATS is away"))
    with lease(message.as_message(), every=0.02):
        await asyncio.sleep(0.1)
    assert message.count >= 3


async def work(event: Event) -> None:
    await asyncio.sleep(WORK)


async def published(database: Database, stream: JetStreamContext) -> Event:
    async with database.transaction() as connection:
        event = await add_file(connection)
    await publish(stream, event)
    return event


@pytest.mark.connected
async def test_work_longer_than_the_lease_is_delivered_once(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = Handler(work)
    async with working(settings, database, stream, reacting(LONG, handler, workers=2)):
        event = await published(database, stream)
        await handler.called(1)
        await settled(stream, LONG.durable)
    assert handler.events == [event]
    assert handler.finished == 1


@pytest.mark.connected
async def test_without_renewal_the_same_work_is_delivered_again(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forgotten(message: Any) -> None:
        return

    monkeypatch.setattr(messaging, "in_progress", forgotten)
    handler = Handler(work)
    async with working(settings, database, stream, reacting(LONG, handler, workers=2)):
        event = await published(database, stream)
        await handler.called(2)
    assert handler.events[:2] == [event, event]
    assert 0.9 <= handler.times[1] - handler.times[0] < WORK


@pytest.mark.connected
async def test_the_server_takes_back_what_is_not_renewed(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    async with working(settings, database, stream, reacting(LONG, Handler())):
        pass
    await published(database, stream)
    subscription = await stream.pull_subscribe_bind(LONG.durable, STREAM)
    for delivery in (1, 2):
        [message] = await subscription.fetch(1, timeout=5)
        assert message.metadata.num_delivered == delivery
    await subscription.unsubscribe()
