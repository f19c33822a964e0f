"""The stream as one reader follows it: an ephemeral ordered consumer, asked for more only when what it gave is taken."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.search.live.facts import Fact, fact_of
from services.search.live.places import Place, mark, resumed
from shared.contracts import STREAM, event_class
from shared.identifiers import new_id

BATCH = 100
"""Events taken at once while much waits: all that a reader costs in memory if it is slow."""
WAIT = 5.0
"""Seconds that the server holds a request while nothing happens; then it is asked whether something got lost on the way."""
PAUSE = 1.0
"""Seconds between two attempts while NATS is away."""
FORGOTTEN_AFTER = 60.0
"""Seconds without a request after which the server removes a consumer whose gateway has died."""


class Feed:
    """Facts in the order of the stream: those after the place, or from now on if that is None.

    `after` is the place up to which they were taken, and `pending` how many more there were at that moment.
    """

    def __init__(self, stream: JetStreamContext, filters: Sequence[str], after: Place | None, name: str) -> None:
        self.after = after
        self.pending = 0
        self._stream = stream
        self._filters = list(filters)
        self._name = name
        self._mark = ""
        self._delivered = 0
        self._consumer: str | None = None
        self._subscription: JetStreamContext.PullSubscription | None = None

    async def batches(self) -> AsyncIterator[list[Fact]]:
        """Facts as they come, until our own connection is closed; while NATS is away there are none, and none is left out.

        An empty list says that the stream is followed, first of all and each time that it had to be begun anew.
        """
        while True:
            try:
                if self._subscription is None:
                    self._subscription = await self._subscribe()
                    yield []
                messages = await self._subscription.fetch(min(BATCH, max(1, self.pending)), timeout=WAIT)
            except TimeoutError:
                await self._require_whole()
            except ConnectionClosedError:
                return
            except (NatsError, OSError):
                await self.close()
                await asyncio.sleep(PAUSE)
            else:
                if taken := self._in_order(messages):
                    yield taken
                if len(taken) < len(messages):
                    await self.close()

    def _in_order(self, messages: Sequence[Msg]) -> list[Fact]:
        """Those before the first gap in what the consumer delivered: what was on its way while a connection broke is lost."""
        facts = []
        for message in messages:
            if message.metadata.sequence.consumer != self._delivered + 1:
                break
            self._delivered += 1
            self.after = Place(message.metadata.sequence.stream, self._mark)
            self.pending = message.metadata.num_pending
            facts.append(read(message, self.after))
        return facts

    async def _require_whole(self) -> None:
        """Begin anew if the consumer has delivered what has not come, is gone, or cannot be asked."""
        self.pending = 0
        if self._subscription is None or self._consumer is None:  # what timed out was the beginning
            await self.close()
            return
        try:
            delivered = (await self._stream.consumer_info(STREAM, self._consumer)).delivered
        except (NatsError, OSError):
            await self.close()
        else:
            if delivered is None or delivered.consumer_seq != self._delivered:
                await self.close()

    async def close(self) -> None:
        """Have the server forget the consumer; harmless when it has."""
        subscription, consumer = self._subscription, self._consumer
        self._subscription = self._consumer = None
        with suppress(NatsError, OSError):
            if subscription is not None:
                await subscription.unsubscribe()
            if consumer is not None:
                await self._stream.delete_consumer(STREAM, consumer)

    async def _subscribe(self) -> JetStreamContext.PullSubscription:
        info = await self._stream.stream_info(STREAM)
        self._mark, self._delivered = mark(info.created), 0
        self.after = Place(resumed(self.after, Place(info.state.last_seq, self._mark)), self._mark)
        self._consumer = f"{self._name}-{new_id().hex}"
        config = consumer_config(self._consumer, self._filters, self.after.sequence)
        self.pending = (await self._stream.add_consumer(STREAM, config)).num_pending or 0
        return await self._stream.pull_subscribe_bind(stream=STREAM, name=self._consumer)


def consumer_config(name: str, filters: Sequence[str], after: int) -> ConsumerConfig:
    """A consumer in the server's memory to which nobody acknowledges."""
    return ConsumerConfig(
        name=name,
        filter_subjects=list(filters) or None,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        ack_policy=AckPolicy.NONE,
        inactive_threshold=FORGOTTEN_AFTER,
        mem_storage=True,
        num_replicas=1,
    )


@asynccontextmanager
async def following(
    stream: JetStreamContext, filters: Sequence[str], after: Place | None, *, name: str = "follower"
) -> AsyncIterator[Feed]:
    """A feed whose consumer is removed at the end."""
    feed = Feed(stream, filters, after, name)
    try:
        yield feed
    finally:
        await feed.close()


def read(message: Msg, place: Place) -> Fact:
    """What a message says."""
    kind = event_class(message.subject)
    return fact_of(place, kind.subject if kind else message.subject, message.headers or {}, json.loads(message.data))
