"""Consuming a stream that was filled beforehand: messages per second, each handled exactly once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nats.js import JetStreamContext
from psycopg import AsyncConnection

from shared import bus
from shared.bus import consumer_config
from shared.contracts import STREAM, FileIngested
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.bench import feed
from tests.bench.consumers import (
    CREATE_ROWS,
    SERVICE,
    Consume,
    Run,
    by_hand,
    by_hand_in_batches,
    faststream,
    faststream_observed,
    spillway,
    spillway_recording,
    spillway_with_row,
)
from tests.bench.tally import Tally, Unequal
from tests.bench.task import Task
from tests.support.cleaning import fresh_stream

SIDES: dict[str, Consume] = {
    "nats-py, fetch(100)": by_hand_in_batches,
    "nats-py, fetch(1)": by_hand,
    "FastStream": faststream,
    "FastStream, tracing and metrics": faststream_observed,
    "Spillway": spillway,
    "Spillway, spans recorded": spillway_recording,
    "Spillway, inbox and row": spillway_with_row,
}

ACKNOWLEDGED_WITHIN = 10.0
"""Seconds for the server to have every acknowledgement after the last message is handled."""


async def fill(settings: PlatformSettings, messages: int) -> None:
    """An empty stream, then `messages` events on it; they stay, and every side reads them with a consumer of its own."""
    client = await bus.connect(settings.nats_url.get_secret_value(), name=SERVICE)
    try:
        stream = client.jetstream()
        await fresh_stream(stream)
        await feed.publish(stream, feed.events(messages))
    finally:
        await client.close()


async def measure(task: Task) -> dict[str, float]:
    """Rate and CPU of one side; raises Unequal unless each message was delivered, handled and acknowledged once."""
    settings = PlatformSettings()
    consumer = Consumer(f"bench-{task.round}", (FileIngested,))
    tally = Tally(task.messages)
    run = Run(settings, consumer, task.workers, lambda event: tally.note(event.file_id))
    await _empty_rows(settings)
    client = await bus.connect(settings.nats_url.get_secret_value(), name=SERVICE)
    try:
        stream = client.jetstream()
        await stream.add_consumer(STREAM, consumer_config(consumer))
        async with SIDES[task.side](run):
            await tally.wait()
            await _acknowledged(stream, consumer, task.messages)
        await stream.delete_consumer(STREAM, consumer.durable)
    finally:
        await client.close()
    if SIDES[task.side] is spillway_with_row:
        await _check_rows(settings, task.messages)
    return tally.figures()


async def _acknowledged(stream: JetStreamContext, consumer: Consumer, messages: int) -> None:
    deadline = time.monotonic() + ACKNOWLEDGED_WITHIN
    while True:
        info = await stream.consumer_info(STREAM, consumer.durable)
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if delivered == messages and info.num_ack_pending == 0 and info.num_pending == 0:
            return
        if time.monotonic() > deadline:
            raise Unequal(f"{delivered} deliveries of {messages} messages, {info.num_ack_pending} not acknowledged.")
        await asyncio.sleep(0.02)


async def _empty_rows(settings: PlatformSettings) -> None:
    async with _connection(settings) as connection:
        await connection.execute(CREATE_ROWS)
        await connection.execute("TRUNCATE bench_rows, inbox")


async def _check_rows(settings: PlatformSettings, messages: int) -> None:
    statement = """
        SELECT (SELECT count(*) FROM bench_rows), (SELECT count(DISTINCT file_id) FROM bench_rows), (SELECT count(*) FROM inbox)
    """
    async with _connection(settings) as connection:
        found = await (await connection.execute(statement)).fetchone()
    if found != (messages,) * 3:
        raise Unequal(f"Rows, different rows and inbox entries are {found}, all should be {messages}.")


@asynccontextmanager
async def _connection(settings: PlatformSettings) -> AsyncIterator[AsyncConnection[Any]]:
    url = settings.database_url.get_secret_value()
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        yield connection
