"""The stream and its consumers as the server should have them: declared by the migrate step, and again if it lost its store."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import nats
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StoreCompression,
    StreamConfig,
)

from shared.contracts import EVENTS, STREAM
from shared.errors import BusUnavailable
from shared.topology import CONSUMERS, Consumer

OLDEST_SERVER = (2, 12)
"""Older servers drop settings that they do not know (several filters per consumer, for one) without an error."""
MAX_AGE = timedelta(days=365)
"""The stream is the replay log: events are small, a year of them is cheap."""
DUPLICATE_WINDOW = timedelta(seconds=30)
"""How long the server drops a second message with the same id: what a relay publishes again after a crash; beyond it, inboxes
do. No longer than the sweeper's grace, or it would drop what the sweeper has reason to publish again."""


CONNECT_TIMEOUT = 10.0
"""Seconds until a server that is not there is reported: a client that never gives up reconnecting never gives up connecting."""

log = structlog.get_logger()


@dataclass(frozen=True)
class BusState:
    """What the sweeper needs to know: which stream this is, how far it goes, and how far each consumer has got in it."""

    created_at: str
    last_sequence: int
    handled: dict[str, int]


async def connect(url: str, *, name: str) -> Client:
    """A connection that is kept up for as long as the process lives; raises BusUnavailable if there is no server now."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            client = await nats.connect(
                url, name=name, max_reconnect_attempts=-1, reconnect_time_wait=0.5, connect_timeout=5, error_cb=_note
            )
    except (OSError, TimeoutError, NatsError) as error:
        raise BusUnavailable(f"NATS cannot be reached: {str(error) or 'no answer'}") from error
    require_version(client)
    return client


async def _note(error: Exception) -> None:
    """Keep a traceback per attempt out of the log: who needs the connection says that it is away."""
    log.debug("NATS connection", reason=str(error))


def require_version(client: Client) -> None:
    """Refuse a server that would silently ignore what we ask of it."""
    version = client.connected_server_version
    if (version.major, version.minor) < OLDEST_SERVER:
        needed = ".".join(str(part) for part in OLDEST_SERVER)
        raise BusUnavailable(f"The NATS server is version {version}; Spillway needs {needed} or newer.")


def stream_config() -> StreamConfig:
    """File storage, compressed, every subject of the catalogue, kept by age alone."""
    return StreamConfig(
        name=STREAM,
        subjects=sorted({event.filter() for event in EVENTS}),
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        compression=StoreCompression.S2,
        discard=DiscardPolicy.OLD,
        max_age=MAX_AGE.total_seconds(),
        duplicate_window=DUPLICATE_WINDOW.total_seconds(),
        allow_direct=True,
    )


def consumer_config(consumer: Consumer, ack_wait: float | None = None) -> ConsumerConfig:
    """A durable pull consumer that gets every event of its subjects from the first on.

    `max_deliver` is unlimited: at its limit the server stops without a word, while our own limits end in a dead letter.
    """
    return ConsumerConfig(
        durable_name=consumer.durable,
        name=consumer.durable,
        filter_subjects=consumer.filters,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ack_wait or consumer.ack_wait,
        max_deliver=-1,
        max_ack_pending=1000,
    )


async def declare(stream: JetStreamContext, *, ack_wait: float | None = None) -> None:
    """Create the stream and its consumers, or bring them up to date; to be repeated at will."""
    config = stream_config()
    try:
        await stream.stream_info(STREAM)
        await stream.update_stream(config)
    except nats.js.errors.NotFoundError:
        await stream.add_stream(config)
    for consumer in CONSUMERS:
        await stream.add_consumer(STREAM, consumer_config(consumer, ack_wait))


async def inspect(stream: JetStreamContext) -> BusState | None:
    """How the bus stands; None if the stream or a consumer is missing."""
    try:
        info = await stream.stream_info(STREAM)
        consumers = [await stream.consumer_info(STREAM, consumer.durable) for consumer in CONSUMERS]
    except nats.js.errors.NotFoundError:
        return None
    except (OSError, TimeoutError, NatsError) as error:
        raise BusUnavailable(f"NATS does not answer: {error}") from error
    return BusState(
        created_at=info.created.isoformat() if info.created else "",
        last_sequence=info.state.last_seq,
        handled={consumer.name: consumer.ack_floor.stream_seq if consumer.ack_floor else 0 for consumer in consumers},
    )
