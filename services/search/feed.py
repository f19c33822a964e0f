"""The stream as one client follows it: an ephemeral consumer, asked for more only when the client has taken what it had."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.search.metrics import LISTENERS
from shared.contracts import STREAM, event_class
from shared.identifiers import new_id

BATCH = 100
"""Events taken at once while a client catches up: all that it costs in memory if the client stops reading."""
WAIT = 15.0
"""Seconds that the server holds a request while nothing happens."""
PAUSE = 1.0
"""Seconds between two attempts while NATS is away."""
FORGOTTEN_AFTER = 60.0
"""Seconds without a request after which the server removes a consumer whose gateway has died."""


@dataclass(frozen=True)
class Fact:
    """An event of the stream; `sequence` is its place there."""

    sequence: int
    subject: str
    headers: dict[str, str]
    data: dict[str, Any]


class Feed:
    """Facts in the order of the stream: those after the place `after`, or from now on if that is None or no longer known."""

    def __init__(self, stream: JetStreamContext, subjects: Sequence[str], after: int | None) -> None:
        self._stream = stream
        self._subjects = list(subjects)
        self._after = after
        self._consumer: str | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None

    async def batches(self) -> AsyncIterator[list[Fact]]:
        """Facts as they come, until our own connection is closed; while NATS is away there are none, and none is left out.

        An empty list says that the stream is followed, first of all and after every `WAIT` seconds without a fact.
        """
        waiting = 0
        while True:
            try:
                if self._subscription is None:
                    self._subscription = await self._subscribe()
                    yield []
                messages = await self._subscription.fetch(min(BATCH, max(1, waiting)), timeout=WAIT)
            except TimeoutError:
                waiting = 0
                yield []
            except ConnectionClosedError:
                return
            except (NatsError, OSError):
                await self.close()
                await asyncio.sleep(PAUSE)
            else:
                self._after, waiting = messages[-1].metadata.sequence.stream, messages[-1].metadata.num_pending
                yield [fact_of(message) for message in messages]

    async def close(self) -> None:
        """Have the server forget the consumer; harmless when it has."""
        subscription, consumer = self._subscription, self._consumer
        self._subscription = self._consumer = None
        with suppress(NatsError, OSError, TimeoutError):
            if subscription is not None:
                await subscription.unsubscribe()
            if consumer is not None:
                await self._stream.delete_consumer(STREAM, consumer)

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        last = (await self._stream.stream_info(STREAM)).state.last_seq
        # A stream that lost its store counts from 1 again: who waits for an old place there would wait for ever.
        self._after = last if self._after is None else min(self._after, last)
        self._consumer = f"follower-{new_id().hex}"
        await self._stream.add_consumer(STREAM, consumer_config(self._consumer, self._subjects, self._after))
        return await self._stream.pull_subscribe_bind(stream=STREAM, name=self._consumer)


def consumer_config(name: str, subjects: Sequence[str], after: int) -> ConsumerConfig:
    """A consumer in the server's memory to which nobody acknowledges."""
    return ConsumerConfig(
        name=name,
        filter_subjects=list(subjects),
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=FORGOTTEN_AFTER,
        mem_storage=True,
        num_replicas=1,
    )


@asynccontextmanager
async def following(stream: JetStreamContext, subjects: Sequence[str], after: int | None) -> AsyncIterator[Feed]:
    """A feed whose consumer is removed at the end."""
    feed = Feed(stream, subjects, after)
    with LISTENERS.track_inprogress():
        try:
            yield feed
        finally:
            await feed.close()


def fact_of(message: Msg) -> Fact:
    """What a message says."""
    kind = event_class(message.subject)
    subject = kind.subject if kind else message.subject
    return Fact(message.metadata.sequence.stream, subject, dict(message.headers or {}), json.loads(message.data))
