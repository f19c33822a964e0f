"""Delivery: what every message meets between the bus and its handler, in one place.

Parse, bind the log context, continue the trace, renew the lease, handle, acknowledge; wait while a part of the platform is
away; and by `retries.disposition`: give back with a delay, or move to the dead letters. Handlers know none of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from typing import Any

import structlog
from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.subscriber.usecases import PullStreamSubscriber
from nats.aio.msg import Msg
from nats.errors import NotJSMessageError
from nats.js.errors import ServiceUnavailableError
from opentelemetry import context, propagate
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, set_span_in_context
from pydantic import ValidationError

from shared import dead_letters, outbox, stages
from shared.bus import consumer_config
from shared.contracts import STREAM, Event, FileEvent, StageState, event_class
from shared.database import Connection, Database
from shared.dead_letters import DeadLetter
from shared.errors import InvalidEvent, SpillwayError, Superseded, Throttled, Unavailable, WorkerLost
from shared.identifiers import derived_id
from shared.metrics import DEAD_LETTERS, DELIVERIES, HANDLING, IN_PROGRESS
from shared.observability import TRACER
from shared.retries import Bury, Disposition, Done, Retry, delay_before, disposition, wait_before
from shared.topology import CRASH_LIMIT, Consumer

FETCH_TIMEOUT = 2.0
"""Seconds that a fetch lingers on the server: also how late a worker is back after NATS restarts."""

UNSERVED_PAUSE = 0.5
"""Seconds between fetches while NATS has no such stream: it refuses at once, and FastStream would ask 2,700 times a second."""

TRACE_HEADERS = propagate.get_global_textmap().fields

Handler = Callable[[Any], Awaitable[None]]
OnBuried = Callable[[Connection, Any, str], Awaitable[None]]

log = structlog.get_logger()


@dataclass(frozen=True)
class Subscription:
    """A consumer's handlers, by event. `workers` messages are handled at a time; `on_buried` says what giving up means."""

    consumer: Consumer
    reactions: Mapping[type[Event], Handler]
    workers: int = 1
    on_buried: OnBuried | None = None

    def __post_init__(self) -> None:
        if set(self.reactions) != set(self.consumer.events):
            raise ValueError(f"{self.consumer.durable} must handle exactly the events that the topology gives it")


def subscribe(broker: NatsBroker, subscription: Subscription, database: Database, *, ack_wait: float | None = None) -> None:
    """Bind a subscription to the broker: one fetch loop per worker, each taking one message at a time.

    So no message waits in a worker's memory while its lease runs out, and a slow one holds up no other.
    """
    delivery = Delivery(subscription, database, ack_wait=ack_wait or subscription.consumer.ack_wait)
    for _ in range(subscription.workers):
        broker.subscriber(
            durable=subscription.consumer.durable,
            stream=JStream(STREAM, declare=False),
            pull_sub=PullSub(batch_size=1, timeout=FETCH_TIMEOUT),
            config=consumer_config(subscription.consumer, ack_wait),
            ack_policy=AckPolicy.MANUAL,
            decoder=undecoded,
        )(delivery.receive)


def rest_while_unserved(broker: NatsBroker) -> None:
    """Slow a started broker's workers down while their stream is gone; once it is declared again they go on by themselves."""
    for subscriber in broker.subscribers:
        if isinstance(subscriber, PullStreamSubscriber) and subscriber.subscription:
            subscription = subscriber.subscription
            subscription.fetch = partial(rested, subscription.fetch)  # type: ignore[method-assign] # the loop is FastStream's


async def rested(fetch: Callable[..., Awaitable[list[Msg]]], **options: Any) -> list[Msg]:
    """Fetch, and rest before saying that nobody serves."""
    try:
        return await fetch(**options)
    except ServiceUnavailableError:
        await asyncio.sleep(UNSERVED_PAUSE)
        raise


async def undecoded(message: StreamMessage[Any]) -> StreamMessage[Any]:
    """Leave the body alone: a decoder's error would pass by every handler and the message would never be acknowledged."""
    return message


@dataclass(frozen=True)
class Receipt:
    """What is known of a message before its body is looked at."""

    address: str
    headers: dict[str, str]
    delivery: int


def receipt_of(message: NatsMessage) -> Receipt:
    """Address, headers, and the how-manieth delivery it is (1 in memory, where nothing is delivered twice)."""
    raw = message.raw_message
    try:
        delivery = raw.metadata.num_delivered
    except NotJSMessageError:
        delivery = 1
    return Receipt(raw.subject, dict(message.headers), delivery)


def parse(address: str, body: bytes) -> Event:
    """The event that a message carries; raises InvalidEvent."""
    kind = event_class(address)
    if kind is None:
        raise InvalidEvent(address, "the catalogue has no such event")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors())
        raise InvalidEvent(address, faults) from error


class Observed:
    """Log context and span of a message while it is handled; by hand, as two generators take three times as long."""

    def __init__(self, span: str, receipt: Receipt) -> None:
        self._name = span
        self._receipt = receipt

    def __enter__(self) -> None:
        receipt = self._receipt
        self._bound = structlog.contextvars.bind_contextvars(subject=receipt.address, delivery=receipt.delivery)
        cause = cause_of(receipt.headers)
        self._span = TRACER.start_span(self._name, context=cause, kind=SpanKind.CONSUMER)
        self._attached = context.attach(set_span_in_context(self._span, cause))

    def __exit__(self, *error: object) -> None:
        context.detach(self._attached)
        self._span.end()
        structlog.contextvars.reset_contextvars(**self._bound)


class Delivery:
    """Handles the messages of one subscription."""

    def __init__(self, subscription: Subscription, database: Database, *, ack_wait: float) -> None:
        self._subscription = subscription
        self._consumer = subscription.consumer
        self._database = database
        self._ack_wait = ack_wait
        self._span = f"{self._consumer.durable} process"
        self._in_progress = IN_PROGRESS.labels(self._consumer.durable)
        self._handling = HANDLING.labels(self._consumer.durable)
        self._counted = cache(partial(DELIVERIES.labels, self._consumer.durable))

    async def receive(self, message: NatsMessage) -> None:
        """Handle one message to its end: acknowledged, given back, or buried."""
        receipt = receipt_of(message)
        began = time.perf_counter()
        with Observed(self._span, receipt), self._in_progress.track_inprogress():
            outcome = await self._settle(message, receipt)
            seconds = time.perf_counter() - began
            log.info("handled", outcome=outcome, seconds=round(seconds, 3))
        self._handling.observe(seconds)
        self._counted(subject_of(receipt.address), outcome).inc()

    async def _settle(self, message: NatsMessage, receipt: Receipt) -> str:
        event: Event | None = None
        try:
            event = parse(receipt.address, message.body)
            if receipt.delivery > CRASH_LIMIT:
                raise WorkerLost(receipt.delivery)
            with lease(message, every=self._ack_wait / 3):
                await outlasting(partial(self._handle, event))
        except asyncio.CancelledError:
            with suppress(Exception):  # the connection may be gone already; the lease then runs out by itself
                await message.nack()
            raise
        except Exception as error:
            verdict = disposition(error, receipt.delivery, self._consumer.attempts)
            return await self._carry_out(verdict, message, receipt, event, error)
        await message.ack()
        return "done"

    async def _handle(self, event: Event) -> None:
        async with asyncio.timeout(self._consumer.limit):
            await self._subscription.reactions[type(event)](event)

    async def _carry_out(
        self, verdict: Disposition, message: NatsMessage, receipt: Receipt, event: Event | None, error: Exception
    ) -> str:
        match verdict:
            case Done(outcome):
                await message.ack()
                return outcome
            case Retry(delay):
                log.warning("will be tried again", reason=str(error), delay=delay, exc_info=is_bug(error))
                await message.nack(delay=delay)
                return "retry"
            case Bury():
                return await self._bury(message, receipt, event, error)

    async def _bury(self, message: NatsMessage, receipt: Receipt, event: Event | None, error: Exception) -> str:
        log.warning("given up", reason=str(error), exc_info=is_bug(error))
        try:
            async with self._database.transaction() as connection:
                await dead_letters.bury(connection, self._letter(message, receipt, event, error))
                if event is not None:
                    await self._give_up(connection, event, reason_for(error))
        except Superseded:  # the stage was settled meanwhile: nothing is left to give up
            await message.ack()
            return "superseded"
        except Exception as fault:
            log.warning("could not be given up", reason=str(fault), exc_info=is_bug(fault))
            await message.nack(delay=delay_before(receipt.delivery))
            return "retry"
        await message.ack()
        DEAD_LETTERS.labels(self._consumer.durable, type(error).__name__).inc()
        return "buried"

    async def _give_up(self, connection: Connection, event: Event, reason: str) -> None:
        """Settle the stage as failed and tell the next one, so that the rest of the pipeline goes on with what there is."""
        consumer = self._consumer
        if consumer.stage and consumer.failed and isinstance(event, FileEvent):
            await stages.settle(connection, event, consumer.stage, StageState.FAILED, reason)
            fact = consumer.failed(
                file_id=event.file_id, revision=event.revision, kind=event.kind, run_id=event.run_id, reason=reason
            )
            await outbox.enqueue(connection, fact, source=consumer.durable)
        if self._subscription.on_buried:
            await self._subscription.on_buried(connection, event, reason)

    def _letter(self, message: NatsMessage, receipt: Receipt, event: Event | None, error: Exception) -> DeadLetter:
        return DeadLetter(
            consumer=self._consumer.durable,
            event_id=event.id if event else derived_id(receipt.address, message.body.hex()),
            address=receipt.address,
            headers=receipt.headers,
            body=message.body,
            error=str(error),
            error_type=type(error).__name__,
            deliveries=receipt.delivery,
        )


async def outlasting(action: Callable[[], Awaitable[None]]) -> None:
    """Repeat an action for as long as a part of the platform is away, or for as long as somebody else's service throttles it.

    The message is kept meanwhile: one given back would count another delivery, and those tell how often its worker died.
    """
    for tries in count(1):
        try:
            await action()
        except Unavailable as error:
            delay = error.delay if isinstance(error, Throttled) else wait_before(tries)
            log.warning("waits", reason=str(error), tries=tries, delay=delay)
            await asyncio.sleep(delay)
        else:
            return


@contextmanager
def lease(message: NatsMessage, *, every: float) -> Iterator[None]:
    """Renew the message's lease every so many seconds while the block runs.

    A timer and no task: most messages are done long before the first renewal, and a task each would cost a tenth of the rate.
    """
    loop = asyncio.get_running_loop()
    renewals: set[asyncio.Task[None]] = set()
    timer: asyncio.TimerHandle

    def renew() -> None:
        nonlocal timer
        task = asyncio.create_task(in_progress(message))
        renewals.add(task)
        task.add_done_callback(renewals.discard)
        timer = loop.call_later(every, renew)

    timer = loop.call_later(every, renew)
    try:
        yield
    finally:
        timer.cancel()


async def in_progress(message: NatsMessage) -> None:
    """Renew a lease; while NATS is away nothing can be renewed, the work goes on, and inboxes drop a double."""
    with suppress(Exception):
        await message.in_progress()


def cause_of(headers: Mapping[str, str]) -> Context | None:
    """The trace that a message continues; None if it says nothing of one, which is told faster than by looking for it."""
    return None if TRACE_HEADERS.isdisjoint(headers) else propagate.extract(headers)


def subject_of(address: str) -> str:
    """The catalogue's subject of an address: a label with few values."""
    kind = event_class(address)
    return kind.subject if kind else "unknown"


def is_bug(error: Exception) -> bool:
    """Whether nobody foresaw this error, so that its traceback is worth showing."""
    return not isinstance(error, SpillwayError | TimeoutError)


def reason_for(error: Exception) -> str:
    """What people are told of an error."""
    if isinstance(error, TimeoutError):
        return "This took longer than it is allowed to; the file may be damaged."
    return str(error) if not is_bug(error) else f"Something unexpected went wrong ({type(error).__name__}: {error})."
