"""The ways of consuming the same events that are compared: nats-py by hand, FastStream as it comes, and ours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import nats.errors
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from faststream.nats.prometheus import NatsPrometheusMiddleware
from nats.js import JetStreamContext
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import CollectorRegistry

from shared import bus
from shared.bus import consumer_config
from shared.contracts import STREAM, FileIngested
from shared.database import Database
from shared.effects import Effects
from shared.messaging import FETCH_TIMEOUT, Handler, Subscription, subscribe
from shared.outbox import Relay
from shared.settings import PlatformSettings
from shared.topology import Consumer

SERVICE = "bench"

CREATE_ROWS = """
    CREATE TABLE IF NOT EXISTS bench_rows (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, file_id uuid NOT NULL, path text NOT NULL, size bigint NOT NULL
    )
"""
INSERT_ROW = "INSERT INTO bench_rows (file_id, path, size) VALUES (%(file_id)s, %(path)s, %(size)s)"


@dataclass(frozen=True)
class Run:
    """One side at work: where, on which consumer, with how many workers, and whom to tell of each message."""

    settings: PlatformSettings
    consumer: Consumer
    workers: int
    handled: Callable[[FileIngested], None]

    @property
    def nats_url(self) -> str:
        """Where NATS is."""
        return self.settings.nats_url.get_secret_value()


Consume = Callable[[Run], AbstractAsyncContextManager[None]]
"""Consumes for as long as the context is open."""


@asynccontextmanager
async def by_hand(run: Run) -> AsyncIterator[None]:
    """nats-py alone, one message per fetch."""
    async with _fetching(run, batch=1):
        yield


@asynccontextmanager
async def by_hand_in_batches(run: Run) -> AsyncIterator[None]:
    """nats-py alone, a hundred messages per fetch: the floor under everything here."""
    async with _fetching(run, batch=100):
        yield


@asynccontextmanager
async def _fetching(run: Run, *, batch: int) -> AsyncIterator[None]:
    client = await bus.connect(run.nats_url, name=SERVICE)
    stream = client.jetstream()
    subscriptions = [await stream.pull_subscribe_bind(run.consumer.durable, STREAM) for _ in range(run.workers)]
    tasks = [asyncio.create_task(_fetch(subscription, batch, run)) for subscription in subscriptions]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()


async def _fetch(subscription: JetStreamContext.PullSubscription, batch: int, run: Run) -> None:
    while True:
        try:
            messages = await subscription.fetch(batch, timeout=FETCH_TIMEOUT)
        except nats.errors.TimeoutError:
            continue
        for message in messages:
            run.handled(FileIngested.model_validate_json(message.data))
            await message.ack()


@asynccontextmanager
async def faststream(run: Run) -> AsyncIterator[None]:
    """FastStream as it comes: its decoding, its validation of the annotated body, its acknowledgement; no log."""
    async with _plainly(run, ()):
        yield


@asynccontextmanager
async def faststream_observed(run: Run) -> AsyncIterator[None]:
    """The same with FastStream's own tracing and metrics."""
    provider = recording()
    observers = (NatsTelemetryMiddleware(tracer_provider=provider), NatsPrometheusMiddleware(registry=CollectorRegistry()))
    async with _plainly(run, observers):
        yield
    provider.shutdown()


@asynccontextmanager
async def _plainly(run: Run, middlewares: Sequence[Any]) -> AsyncIterator[None]:
    broker = NatsBroker(run.nats_url, logger=None, middlewares=middlewares)

    async def receive(event: FileIngested) -> None:
        run.handled(event)

    for _ in range(run.workers):
        broker.subscriber(
            durable=run.consumer.durable,
            stream=JStream(STREAM, declare=False),
            pull_sub=PullSub(batch_size=1, timeout=FETCH_TIMEOUT),
            config=consumer_config(run.consumer),
        )(receive)
    async with broker:
        await broker.start()
        yield


@asynccontextmanager
async def spillway(run: Run) -> AsyncIterator[None]:
    """Our delivery with a handler that does nothing."""

    async def receive(event: FileIngested) -> None:
        run.handled(event)

    async with _database(run) as database, _delivering(run, database, receive):
        yield


@asynccontextmanager
async def spillway_recording(run: Run) -> AsyncIterator[None]:
    """The same with a span recorded and batched for export per message, as when an OTLP endpoint is set."""
    provider = recording()
    trace.set_tracer_provider(provider)
    async with spillway(run):
        yield
    provider.shutdown()


@asynccontextmanager
async def spillway_with_row(run: Run) -> AsyncIterator[None]:
    """Our delivery with inbox and one row written per message, in a transaction on a Postgres that syncs to disk."""
    async with _database(run) as database:
        effects = Effects(database, Relay(database), SERVICE)

        async def receive(event: FileIngested) -> None:
            async with effects.once(event) as effect:
                row = {"file_id": event.file_id, "path": event.path, "size": event.size}
                await effect.connection.execute(INSERT_ROW, row)
            run.handled(event)

        async with _delivering(run, database, receive):
            yield


def recording() -> TracerProvider:
    """Tracing that is on: spans are recorded, batched and handed to an exporter."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Discard()))
    return provider


class Discard(SpanExporter):
    """Takes spans and forgets them, so that what is measured is ours and not a collector."""

    def export(self, spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS


@asynccontextmanager
async def _database(run: Run) -> AsyncIterator[Database]:
    settings = run.settings
    database = Database(settings.database_url.get_secret_value(), connections=max(run.workers, settings.database_connections))
    await database.open()
    yield database
    await database.close()


@asynccontextmanager
async def _delivering(run: Run, database: Database, receive: Handler) -> AsyncIterator[None]:
    broker = NatsBroker(run.nats_url, name=SERVICE, apply_types=False, logger=None)
    subscribe(broker, Subscription(run.consumer, {FileIngested: receive}, run.workers), database)
    async with broker:
        await broker.start()
        yield
