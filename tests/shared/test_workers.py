"""How workers take messages: their own subjects only, one at a time, and back at once when they are stopped."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from faststream.nats import NatsBroker, TestNatsBroker
from nats.js import JetStreamContext

from shared.contracts import (
    STREAM,
    Event,
    FileIngested,
    ImportRequested,
    Priority,
    ProxyFailed,
    ProxyReady,
    TranscriptRequested,
)
from shared.database import Database
from shared.messaging import Subscription, subscribe
from shared.settings import PlatformSettings
from shared.topology import INGEST, TRANSCRIBE, TRANSCRIBE_EXPRESS, Consumer
from tests.support.delivering import Handler, publish, reacting, settled, working
from tests.support.examples import EXAMPLES

NO_DATABASE = Database("postgresql://nowhere")
"""Delivery touches its database only to bury a message."""
BUSY = Consumer("test-busy", (ImportRequested,), ack_wait=30.0)


def test_a_subscription_handles_exactly_the_events_of_its_consumer() -> None:
    with pytest.raises(ValueError, match="transcribe must handle exactly"):
        Subscription(TRANSCRIBE, {ProxyReady: Handler()})
    with pytest.raises(ValueError, match="ingest must handle exactly"):
        Subscription(INGEST, {ImportRequested: Handler(), FileIngested: Handler()})


async def test_a_chain_in_memory() -> None:
    """Each event meets the handler of its class, and only through the consumer that filters for it."""
    broker = NatsBroker(apply_types=False, logger=None)
    ready, failed, asked = Handler(), Handler(), Handler()

    async def prepare(event: FileIngested) -> None:
        fact = ProxyFailed(file_id=event.file_id, revision=event.revision, kind=event.kind, reason="no")
        await broker.publish(fact.model_dump_json().encode(), fact.address, stream=STREAM)

    proxy = Consumer("proxy", (FileIngested,))
    subscribe(broker, reacting(proxy, prepare), NO_DATABASE)
    reactions: dict[type[Event], Handler] = {ProxyReady: ready, ProxyFailed: failed, TranscriptRequested: asked}
    subscribe(broker, Subscription(TRANSCRIBE, reactions), NO_DATABASE)
    async with TestNatsBroker(broker):
        for event in EXAMPLES:
            await broker.publish(event.model_dump_json().encode(), event.address, stream=STREAM)

    assert [type(event) for event in ready.events] == [ProxyReady]
    assert [type(event) for event in failed.events] == [ProxyFailed, ProxyFailed]
    assert asked.events == []  # the example is interactive, which is for others


@pytest.mark.connected
async def test_a_consumer_with_several_subjects_gets_those_and_no_others(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    bulk = Consumer("test-filters", TRANSCRIBE.events)
    interactive = replace(bulk, durable="test-express", events=TRANSCRIBE_EXPRESS.events, priority=Priority.INTERACTIVE)
    handler, express = Handler(), Handler()
    async with working(settings, database, stream, reacting(bulk, handler), reacting(interactive, express)):
        await publish(stream, *EXAMPLES)
        await settled(stream, bulk.durable)
        await settled(stream, interactive.durable)
    assert [type(event) for event in handler.events] == [ProxyReady, ProxyFailed]
    assert [type(event) for event in express.events] == [TranscriptRequested]


@pytest.mark.connected
async def test_a_busy_worker_holds_no_message_that_another_could_take(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    release = asyncio.Event()

    async def block(event: Event) -> None:
        await release.wait()

    busy, idle = Handler(block), Handler()
    events = [ImportRequested(job_id=uuid4()) for _ in range(4)]
    await publish(stream, *events)
    async with working(settings, database, stream, reacting(BUSY, busy)):
        await busy.called(1)
        async with working(settings, database, stream, reacting(BUSY, idle)):
            await idle.called(3, within=5)
            assert [*busy.events, *idle.events] == events
            release.set()
            await settled(stream, BUSY.durable)
    assert len(busy.events) == 1


@pytest.mark.connected
async def test_as_many_messages_are_handled_at_a_time_as_there_are_workers(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    together = asyncio.Barrier(3)

    async def meet(event: Event) -> None:
        await together.wait()

    handler = Handler(meet)
    async with working(settings, database, stream, reacting(BUSY, handler, workers=3)):
        await publish(stream, *(ImportRequested(job_id=uuid4()) for _ in range(6)))
        await handler.called(6)
        await settled(stream, BUSY.durable)
    assert handler.finished == 6


@pytest.mark.connected
async def test_a_stopped_worker_gives_its_message_back_at_once(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    async def never_done(event: Event) -> None:
        await asyncio.Event().wait()

    stopped, successor = Handler(never_done), Handler()
    async with working(settings, database, stream, reacting(BUSY, stopped), grace=0.1):
        await publish(stream, event := ImportRequested(job_id=uuid4()))
        await stopped.called(1)
    async with working(settings, database, stream, reacting(BUSY, successor)):
        await successor.called(1, within=5)
        await settled(stream, BUSY.durable)
    assert successor.events == [event]


@pytest.mark.connected
async def test_a_worker_that_is_stopped_finishes_what_it_can(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    async def nearly_done(event: Event) -> None:
        await asyncio.sleep(0.3)

    handler = Handler(nearly_done)
    async with working(settings, database, stream, reacting(BUSY, handler), grace=5.0):
        await publish(stream, ImportRequested(job_id=uuid4()))
        await handler.called(1)
    info = await stream.consumer_info(STREAM, BUSY.durable)
    assert handler.finished == 1
    assert (info.num_ack_pending, info.num_pending) == (0, 0)
