"""From the outbox to the stream, beside publishing the same messages without a database."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from nats.js import JetStreamContext

from shared import bus, outbox
from shared.clock import utc_now
from shared.contracts import STREAM
from shared.database import Database
from shared.metrics import OUTBOX_PUBLISHED
from shared.outbox import Relay, cloud_event_headers
from shared.settings import PlatformSettings
from tests.bench import feed
from tests.bench.consumers import SERVICE
from tests.bench.tally import DONE_WITHIN, Unequal
from tests.bench.task import Task
from tests.support.cleaning import fresh_stream

WINDOW = 1000
"""Acknowledgements under way at once, as in every service."""
ENQUEUED_AT_ONCE = 1000
LOOK_EVERY = 0.005
"""Seconds between looks at the relay's own count: a two-hundredth of what is timed."""


async def measure(task: Task) -> dict[str, float]:
    """Messages per second of one side; raises Unequal unless the stream holds each message once."""
    settings = PlatformSettings()
    client = await bus.connect(settings.nats_url.get_secret_value(), name=SERVICE)
    try:
        stream = client.jetstream(publish_async_max_pending=WINDOW)
        await fresh_stream(stream)
        seconds = await SIDES[task.side](settings, stream, task.messages)
        state = (await stream.stream_info(STREAM)).state
    finally:
        await client.close()
    if state.messages != task.messages:
        raise Unequal(f"The stream holds {state.messages} messages of {task.messages}.")
    return {"rate": task.messages / seconds}


async def windowed(settings: PlatformSettings, stream: JetStreamContext, messages: int) -> float:
    """Seconds to publish messages that lie ready in memory."""
    now = utc_now()
    ready = [(e.address, e.model_dump_json().encode(), cloud_event_headers(e, now, SERVICE)) for e in feed.events(messages)]
    began = time.perf_counter()
    pending = [await stream.publish_async(address, body, stream=STREAM, headers=headers) for address, body, headers in ready]
    await asyncio.gather(*pending)
    return time.perf_counter() - began


async def relayed(settings: PlatformSettings, stream: JetStreamContext, messages: int) -> float:
    """Seconds for our relay to publish as many rows of the outbox, each marked with its place in the stream."""
    database = Database(settings.database_url.get_secret_value())
    await database.open()
    try:
        await _enqueue(database, messages)
        began = time.perf_counter()
        relaying = asyncio.create_task(Relay(database).run(stream))
        await _published(messages)
        seconds = time.perf_counter() - began
        relaying.cancel()
        await asyncio.gather(relaying, return_exceptions=True)
        await _check(database, messages)
    finally:
        await database.close()
    return seconds


async def _published(messages: int) -> None:
    async with asyncio.timeout(DONE_WITHIN):
        while next(iter(OUTBOX_PUBLISHED.collect())).samples[0].value < messages:  # noqa: ASYNC110 - the relay counts, it does not signal
            await asyncio.sleep(LOOK_EVERY)


async def _enqueue(database: Database, messages: int) -> None:
    events = feed.events(messages)
    async with database.connection() as connection:
        await connection.execute("TRUNCATE outbox RESTART IDENTITY")
        for start in range(0, messages, ENQUEUED_AT_ONCE):
            await outbox.enqueue(connection, *events[start : start + ENQUEUED_AT_ONCE], source=SERVICE)


async def _check(database: Database, messages: int) -> None:
    statement = "SELECT count(DISTINCT sequence) FROM outbox WHERE published_at IS NOT NULL"
    async with database.connection() as connection:
        row = await (await connection.execute(statement)).fetchone()
    if row is None or row[0] != messages:
        raise Unequal(f"{row and row[0]} rows of {messages} are marked as published.")


SIDES: dict[str, Callable[[PlatformSettings, JetStreamContext, int], Awaitable[float]]] = {
    "windowed publish": windowed,
    "Spillway relay": relayed,
}
