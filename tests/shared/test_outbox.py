"""The outbox and its relay on the real Postgres and NATS."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
from nats.errors import OutboundBufferLimitError
from nats.js import JetStreamContext
from nats.js.api import PubAck

from shared import bus, outbox
from shared.contracts import STREAM, Event, FileIngested, ImportRequested, Kind
from shared.database import Database
from shared.errors import BusUnavailable
from shared.outbox import BATCH, Relay, enqueue
from shared.settings import PlatformSettings
from tests.support.gateway import Gateway, gateway
from tests.support.library import count
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


def ingested(path: str = "a.mp4") -> FileIngested:
    return FileIngested(file_id=uuid4(), revision=1, kind=Kind.VIDEO, path=path, size=1, fingerprint="00" * 32)


async def accept(database: Database, *events: Event) -> None:
    async with database.transaction() as connection:
        await enqueue(connection, *events, source="test")


async def waiting(database: Database) -> int:
    return await count(database, "outbox", "published_at IS NULL")


async def messages(stream: JetStreamContext) -> int:
    return (await stream.stream_info(STREAM)).state.messages


async def sequences(database: Database) -> list[int]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT sequence FROM outbox ORDER BY position")
        return [row[0] for row in await cursor.fetchall()]


async def drain(relay: Relay, stream: JetStreamContext) -> int:
    total = 0
    while published := await relay.publish_batch(stream):
        total += published
    return total


@pytest.fixture
async def way(settings: PlatformSettings) -> AsyncIterator[Gateway]:
    async with gateway(settings.nats_url.get_secret_value()) as way:
        yield way


@pytest.fixture
async def through(way: Gateway, stream: JetStreamContext) -> AsyncIterator[JetStreamContext]:
    """The stream, by a connection that the gateway can cut."""
    client = await bus.connect(way.url, name="test")
    yield client.jetstream(publish_async_max_pending=1000)
    await client.close()


async def test_an_event_is_published_once_however_often_it_is_enqueued(database: Database, stream: JetStreamContext) -> None:
    event = ingested()
    for _ in range(2):
        await accept(database, event)

    assert await Relay(database).publish_batch(stream) == 1
    assert await Relay(database).publish_batch(stream) == 0

    message = await stream.get_msg(STREAM, 1)
    assert message.subject == f"file.ingested.{event.file_id}"
    assert FileIngested.model_validate_json(message.data or b"") == event
    assert (message.headers or {})["Nats-Msg-Id"] == str(event.id)


async def test_an_event_of_a_transaction_that_fails_is_never_published(database: Database, stream: JetStreamContext) -> None:

    async def fail() -> None:
        async with database.transaction() as connection:
            await enqueue(connection, ingested(), source="test")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await Relay(database).publish_batch(stream) == 0


async def test_two_relays_share_thousands_of_events_and_publish_each_once(database: Database, stream: JetStreamContext) -> None:
    await accept(database, *(ingested() for _ in range(2000)))
    published = await asyncio.gather(drain(Relay(database), stream), drain(Relay(database), stream))
    assert sum(published) == 2000
    assert min(published) >= BATCH
    assert await messages(stream) == 2000
    assert await waiting(database) == 0


async def test_a_relay_that_hangs_holds_up_no_other(database: Database, stream: JetStreamContext) -> None:
    await accept(database, *(ingested() for _ in range(30)))
    async with database.transaction() as connection, asyncio.timeout(5):
        await connection.execute("SELECT 1 FROM outbox ORDER BY position LIMIT 10 FOR UPDATE")
        assert await Relay(database).publish_batch(stream) == 20
    assert await Relay(database).publish_batch(stream) == 10


async def test_one_relay_publishes_in_the_order_of_acceptance(database: Database, stream: JetStreamContext) -> None:
    await accept(database, *(ingested() for _ in range(BATCH + 1)))
    assert await Relay(database).publish_batch(stream) == BATCH
    assert await Relay(database).publish_batch(stream) == 1
    assert await sequences(database) == list(range(1, BATCH + 2))


async def test_a_relay_killed_between_publishing_and_noting_it_publishes_again_without_a_double(
    database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Stands for kill -9."""

    publish_rows = outbox.publish_rows

    async def publish_and_die(stream: JetStreamContext, rows: Sequence[tuple[Any, ...]]) -> list[int | None]:
        await publish_rows(stream, rows)
        raise Killed

    await accept(database, *(ingested() for _ in range(20)))
    monkeypatch.setattr(outbox, "publish_rows", publish_and_die)
    with pytest.raises(Killed):
        await Relay(database).publish_batch(stream)
    monkeypatch.setattr(outbox, "publish_rows", publish_rows)
    assert (await messages(stream), await waiting(database)) == (20, 20)

    assert await Relay(database).publish_batch(stream) == 20
    assert await messages(stream) == 20
    assert await sequences(database) == list(range(1, 21))


async def test_what_the_stream_refuses_stays_and_holds_up_nothing(database: Database, stream: JetStreamContext) -> None:
    events = [ingested() for _ in range(3)]
    await accept(database, *events)
    async with database.connection() as connection:
        await connection.execute("UPDATE outbox SET address = 'no.such.subject' WHERE id = %s", (events[1].id,))
    assert await Relay(database).publish_batch(stream) == 2
    assert await waiting(database) == 1
    with pytest.raises(BusUnavailable, match="took none"):
        await Relay(database).publish_batch(stream)


async def test_without_a_stream_events_wait(database: Database, stream: JetStreamContext) -> None:
    await accept(database, ingested(), ImportRequested(job_id=uuid4()))
    await stream.delete_stream(STREAM)
    with pytest.raises(BusUnavailable, match="took none"):
        await Relay(database).publish_batch(stream)
    assert await waiting(database) == 2
    await bus.declare(stream)
    assert await Relay(database).publish_batch(stream) == 2


async def test_events_outlast_an_outage_however_long(
    database: Database, way: Gateway, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More turns, and larger events, than the connection's buffer and its window of unacknowledged events have room for."""
    monkeypatch.setattr(outbox, "BATCH", 10)
    monkeypatch.setattr(outbox, "PUBLISH_TIMEOUT", 0.05)
    client = await bus.connect(way.url, name="test")
    through = client.jetstream(publish_async_max_pending=20)
    relay = Relay(database)
    await accept(database, *(ingested(path=200_000 * "x") for _ in range(20)))
    await way.shut()
    for _ in range(40):
        with pytest.raises(BusUnavailable):
            await relay.publish_batch(through)
    assert await waiting(database) == 20

    await way.open()
    monkeypatch.setattr(outbox, "PUBLISH_TIMEOUT", 2.0)

    async def published() -> bool:
        try:
            await drain(relay, through)
        except BusUnavailable:
            return False
        return True

    await until_so(published, within=20)
    await client.close()
    assert await waiting(database) == 0
    assert await messages(stream) == 20


async def test_a_batch_that_breaks_off_gives_its_window_free(stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_async = JetStreamContext.publish_async
    published = 0

    async def break_at_the_third(context: JetStreamContext, *args: Any, **options: Any) -> asyncio.Future[PubAck]:
        nonlocal published
        published += 1
        if published == 3:
            raise OutboundBufferLimitError
        return await publish_async(context, *args, **options)

    monkeypatch.setattr(JetStreamContext, "publish_async", break_at_the_third)
    with pytest.raises(BusUnavailable, match="cannot be reached"):
        await outbox.publish_rows(stream, [(n, ImportRequested.subject, {}, "{}") for n in range(3)])
    await asyncio.sleep(0)
    assert stream.publish_async_pending() == 0


async def test_a_running_relay_publishes_when_it_is_woken_and_when_nobody_wakes_it(
    database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done() -> bool:
        return await waiting(database) == 0

    monkeypatch.setattr(outbox, "POLL_INTERVAL", 60.0)
    relay = Relay(database)
    running = asyncio.create_task(relay.run(stream))
    await asyncio.sleep(0.1)
    await accept(database, ingested())
    relay.wake()
    await until_so(done, within=5)

    monkeypatch.setattr(outbox, "POLL_INTERVAL", 0.1)
    relay.wake()
    await accept(database, ingested())
    await until_so(done, within=5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_relay_that_is_stopped_in_the_middle_of_a_batch_ends(
    database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nats-py turns a cancellation that meets it in its window into an error like any other."""
    publish_async = JetStreamContext.publish_async
    published = 0

    async def stop_at_the_fiftieth(context: JetStreamContext, *args: Any, **options: Any) -> asyncio.Future[PubAck]:
        nonlocal published
        published += 1
        if published == 50:
            running.cancel()
        return await publish_async(context, *args, **options)

    monkeypatch.setattr(JetStreamContext, "publish_async", stop_at_the_fiftieth)
    await accept(database, *(ingested() for _ in range(100)))
    running = asyncio.create_task(Relay(database).run(stream))
    await asyncio.wait([running], timeout=5)
    assert running.cancelled()
    assert await waiting(database) == 100


async def test_a_running_relay_outlasts_an_outage(
    database: Database, through: JetStreamContext, way: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "POLL_INTERVAL", 0.05)
    monkeypatch.setattr(outbox, "PUBLISH_TIMEOUT", 0.3)

    async def done() -> bool:
        return await waiting(database) == 0

    running = asyncio.create_task(Relay(database).run(through))
    await way.shut()
    await accept(database, ingested())
    await asyncio.sleep(0.5)
    assert not running.done()
    assert await waiting(database) == 1
    await way.open()
    await until_so(done)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await messages(through) == 1
