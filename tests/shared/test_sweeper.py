"""Accepted work whose effect is missing is published again, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from nats.js import JetStreamContext

from shared import bus, jobs, sweeper
from shared.contracts import (
    STREAM,
    Event,
    FileEvent,
    FileIngested,
    ImportRequested,
    Priority,
    ProxyRequested,
    Stage,
    StageState,
)
from shared.database import Database
from shared.errors import BusUnavailable
from shared.identifiers import new_id
from shared.outbox import Relay, enqueue
from shared.settings import PlatformSettings
from shared.stages import reopen, settle
from shared.sweeper import Sweeper
from shared.topology import INGEST, PROXY, PROXY_EXPRESS, Consumer
from tests.support.delivering import Handler, reacting, working
from tests.support.library import add_file, count, stage_of
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


@pytest.fixture
def relay(database: Database) -> Relay:
    return Relay(database)


@pytest.fixture
def make_sweeper(database: Database, stream: JetStreamContext, relay: Relay) -> Callable[..., Sweeper]:
    def make(*, grace: float = 0.0, interval: float = 0.05) -> Sweeper:
        return Sweeper(database, stream, relay, interval=interval, grace=grace)

    return make


@pytest.fixture
async def published(database: Database, stream: JetStreamContext, relay: Relay) -> FileIngested:
    """A file that waits for its proxy; the event that says so is on the stream, which was looked at before."""
    async with database.transaction() as connection:
        event = await add_file(connection)
        await enqueue(connection, event, source="test")
    await relay.publish_batch(stream)
    await Sweeper(database, stream, relay, interval=1, grace=3600).sweep()
    return event


async def waiting(database: Database) -> int:
    return await count(database, "outbox", "published_at IS NULL")


async def acknowledge(stream: JetStreamContext, durable: str) -> None:
    """Be a consumer that acknowledges its next message and does nothing."""
    subscription = await stream.pull_subscribe_bind(durable, STREAM)
    [message] = await subscription.fetch(1, timeout=5)
    await message.ack_sync()
    await subscription.unsubscribe()


async def test_what_waits_in_the_queue_is_left_alone(
    database: Database, published: Event, make_sweeper: Callable[..., Sweeper]
) -> None:
    assert await make_sweeper().sweep() == 0
    assert await waiting(database) == 0


async def test_what_is_being_handled_is_left_alone(
    published: Event, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    subscription = await stream.pull_subscribe_bind(PROXY.durable, STREAM)
    await subscription.fetch(1, timeout=5)
    assert await make_sweeper().sweep() == 0
    await subscription.unsubscribe()


async def test_what_was_acknowledged_without_effect_is_published_again(
    database: Database, published: Event, stream: JetStreamContext, relay: Relay, make_sweeper: Callable[..., Sweeper]
) -> None:
    config = bus.stream_config()
    config.duplicate_window = 0.1
    await stream.update_stream(config)
    await acknowledge(stream, PROXY.durable)

    assert await make_sweeper(grace=60).sweep() == 0
    assert await make_sweeper(grace=0).sweep() == 1
    assert await waiting(database) == 1

    await asyncio.sleep(0.2)
    assert await relay.publish_batch(stream) == 1
    assert await make_sweeper(grace=0).sweep() == 0
    await acknowledge(stream, PROXY.durable)


async def test_what_is_settled_is_left_alone(
    database: Database, published: FileIngested, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await acknowledge(stream, PROXY.durable)
    async with database.transaction() as connection:
        await settle(connection, published, Stage.PROXY, StageState.DONE)
    assert await make_sweeper().sweep() == 0


async def test_an_event_of_an_earlier_run_is_left_alone(
    database: Database, published: FileIngested, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await acknowledge(stream, PROXY.durable)
    async with database.transaction() as connection:
        await reopen(connection, Stage.PROXY, [published.file_id], new_id())
    assert await make_sweeper().sweep() == 0


@pytest.mark.parametrize(("priority", "consumer"), [(Priority.BULK, PROXY), (Priority.INTERACTIVE, PROXY_EXPRESS)])
async def test_a_request_without_effect_is_published_again_whatever_its_lane(
    database: Database,
    stream: JetStreamContext,
    relay: Relay,
    make_sweeper: Callable[..., Sweeper],
    priority: Priority,
    consumer: Consumer,
) -> None:
    async with database.transaction() as connection:
        file = await add_file(connection)
        request = ProxyRequested(file_id=file.file_id, revision=1, kind=file.kind, run_id=new_id(), priority=priority)
        await reopen(connection, Stage.PROXY, [file.file_id], request.run_id)
        await enqueue(connection, request, source="test")
    await relay.publish_batch(stream)
    await make_sweeper(grace=3600).sweep()
    assert await make_sweeper().sweep() == 0
    await acknowledge(stream, consumer.durable)
    assert await make_sweeper().sweep() == 1


async def test_a_job_that_waits_for_a_person_is_left_alone(
    database: Database, stream: JetStreamContext, relay: Relay, make_sweeper: Callable[..., Sweeper]
) -> None:
    async with database.transaction() as connection:
        job = await jobs.create(connection, "rescan", {})
        await enqueue(connection, ImportRequested(job_id=job), source="test")
    await relay.publish_batch(stream)
    await make_sweeper(grace=3600).sweep()
    await acknowledge(stream, INGEST.durable)
    async with database.connection() as connection:
        await connection.execute("UPDATE jobs SET state = 'reported'")
    assert await make_sweeper().sweep() == 0
    async with database.connection() as connection:
        await connection.execute("UPDATE jobs SET state = 'running'")
    assert await make_sweeper().sweep() == 1


async def test_what_a_job_is_past_is_left_alone(
    database: Database, stream: JetStreamContext, relay: Relay, make_sweeper: Callable[..., Sweeper]
) -> None:
    """A job goes on with its second event: the first is applied, although the job runs."""
    async with database.transaction() as connection:
        job = await jobs.create(connection, "rescan", {})
        event = ImportRequested(job_id=job)
        await enqueue(connection, event, source="test")
        await connection.execute("INSERT INTO inbox (consumer, event_id) VALUES (%s, %s)", (INGEST.service, event.id))
    await relay.publish_batch(stream)
    await make_sweeper(grace=3600).sweep()
    await acknowledge(stream, INGEST.durable)
    assert await make_sweeper().sweep() == 0


async def test_an_old_revision_is_left_alone(
    database: Database, published: FileIngested, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await acknowledge(stream, PROXY.durable)
    async with database.connection() as connection:
        await connection.execute("UPDATE file_stages SET revision = 2")
    assert await make_sweeper().sweep() == 0


async def test_what_a_truncated_stream_has_lost_is_published_again(
    database: Database, published: Event, make_sweeper: Callable[..., Sweeper]
) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE outbox SET sequence = 7")
    assert await make_sweeper(grace=60).sweep() == 0
    assert await make_sweeper().sweep() == 1


async def test_a_wiped_bus_is_declared_again_and_gets_its_events_at_once(
    published: Event, stream: JetStreamContext, relay: Relay, make_sweeper: Callable[..., Sweeper]
) -> None:
    await stream.delete_stream(STREAM)
    assert await make_sweeper(grace=3600).sweep() == 1
    assert await make_sweeper(grace=3600).sweep() == 0
    assert await relay.publish_batch(stream) == 1
    assert (await stream.get_msg(STREAM, 1)).subject == published.address
    await acknowledge(stream, PROXY.durable)


async def test_a_stream_that_was_declared_by_others_is_noticed_as_another(
    published: Event, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await stream.delete_stream(STREAM)
    await bus.declare(stream)
    assert await make_sweeper(grace=3600).sweep() == 1


async def test_a_lost_consumer_is_declared_again(
    published: Event, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await stream.delete_consumer(STREAM, PROXY.durable)
    assert await make_sweeper().sweep() == 0
    await acknowledge(stream, PROXY.durable)


async def test_one_sweeps_at_a_time(
    database: Database, published: Event, stream: JetStreamContext, make_sweeper: Callable[..., Sweeper]
) -> None:
    await acknowledge(stream, PROXY.durable)
    async with database.transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (sweeper.LOCK,))
        assert await make_sweeper().sweep() == 0
    assert await make_sweeper().sweep() == 1


async def test_an_import_that_nobody_works_on_is_published_again_until_it_is_finished(
    database: Database, stream: JetStreamContext, relay: Relay, make_sweeper: Callable[..., Sweeper]
) -> None:
    async with database.transaction() as connection:
        job_id = await jobs.create(connection, "import", {"path": "/media"})
        await enqueue(connection, ImportRequested(job_id=job_id), source="test")
    await relay.publish_batch(stream)
    assert await make_sweeper().sweep() == 0
    await acknowledge(stream, INGEST.durable)
    assert await make_sweeper(grace=60).sweep() == 0
    assert await make_sweeper().sweep() == 1
    await relay.publish_batch(stream)

    async with database.connection() as connection:
        await jobs.finish(connection, job_id, "done")
    assert await make_sweeper().sweep() == 0


async def test_nothing_is_lost_when_nats_loses_everything_under_a_running_service(
    settings: PlatformSettings,
    database: Database,
    stream: JetStreamContext,
    relay: Relay,
    published: FileIngested,
    make_sweeper: Callable[..., Sweeper],
) -> None:
    async def finish(event: FileEvent) -> None:
        async with database.transaction() as connection:
            await settle(connection, event, Stage.PROXY, StageState.DONE)

    async def done() -> bool:
        return (await stage_of(database, published.file_id, Stage.PROXY)).state == "done"

    await stream.delete_stream(STREAM)
    running = [asyncio.create_task(relay.run(stream)), asyncio.create_task(make_sweeper(grace=3600).run())]
    await until_so(lambda: _declared(stream))
    async with working(settings, database, stream, reacting(PROXY, Handler(finish))):
        await until_so(done)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _declared(stream: JetStreamContext) -> bool:
    return await bus.inspect(stream) is not None


async def test_a_running_sweeper_waits_an_outage_out(
    database: Database,
    stream: JetStreamContext,
    published: Event,
    make_sweeper: Callable[..., Sweeper],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inspect: Callable[[JetStreamContext], Awaitable[bus.BusState | None]] = bus.inspect
    outages = 0

    async def away_at_first(stream: JetStreamContext) -> bus.BusState | None:
        nonlocal outages
        if outages < 2:
            outages += 1
            raise BusUnavailable("NATS does not answer")
        return await inspect(stream)

    async def swept() -> bool:
        return await waiting(database) == 1

    await acknowledge(stream, PROXY.durable)
    monkeypatch.setattr(bus, "inspect", away_at_first)
    running = asyncio.create_task(make_sweeper().run())
    await until_so(swept)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert outages == 2
