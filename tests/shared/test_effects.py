"""Every effect happens once: in one transaction with the inbox row that says so and the events that follow from it."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.js import JetStreamContext

from shared import inbox, retries
from shared.contracts import STREAM, Event, FileEvent, FileIngested, Kind, ProxyFailed
from shared.database import Connection, Database
from shared.effects import Effects
from shared.errors import AlreadyApplied, Transient
from shared.outbox import Relay
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.support.delivering import Handler, publish, reacting, settled, working
from tests.support.library import add_file, count

pytestmark = pytest.mark.connected

PROXY = Consumer("test-effects", (FileIngested,))
CRASHED = Consumer("test-crashed", (FileIngested,), ack_wait=1.0)


class WatchedRelay(Relay):
    """Counts how often it is woken."""

    woken = 0

    def wake(self) -> None:
        self.woken += 1
        super().wake()


@pytest.fixture
def relay(database: Database) -> WatchedRelay:
    return WatchedRelay(database)


@pytest.fixture
def effects(database: Database, relay: WatchedRelay) -> Effects:
    return Effects(database, relay, "proxy")


def follow_up(event: FileEvent) -> ProxyFailed:
    return ProxyFailed(file_id=event.file_id, revision=event.revision, kind=Kind.VIDEO, reason="as a follow-up")


async def write(connection: Connection, file_id: UUID) -> None:
    """An effect that can be counted: it is no upsert."""
    await connection.execute("INSERT INTO moments (file_id, revision, field, text) VALUES (%s, 1, 'test', 'x')", (file_id,))


def applying(effects: Effects, before: Callable[[], Awaitable[None]] | None = None) -> Handler:
    async def act(event: FileEvent) -> None:
        if before:
            await before()
        async with effects.once(event) as effect:
            await write(effect.connection, event.file_id)
            await effect.emit(follow_up(event))

    return Handler(act)


async def ingested(database: Database) -> FileIngested:
    async with database.transaction() as connection:
        return await add_file(connection)


async def applied(database: Database) -> tuple[int, int, int]:
    """Effects, inbox rows and events."""
    return await count(database, "moments"), await count(database, "inbox"), await count(database, "outbox")


async def test_an_effect_happens_once(database: Database, effects: Effects, relay: WatchedRelay) -> None:
    event = await ingested(database)
    handler = applying(effects)
    await handler(event)
    with pytest.raises(AlreadyApplied):
        await handler(event)
    assert await applied(database) == (1, 1, 1)
    assert relay.woken == 1


async def test_of_two_at_once_one_applies(database: Database, effects: Effects) -> None:
    event = await ingested(database)
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await both.wait()

    handler = applying(effects, meet)
    results = await asyncio.gather(handler(event), handler(event), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyApplied", "NoneType"]
    assert await applied(database) == (1, 1, 1)


async def test_an_effect_that_fails_leaves_nothing_and_can_be_tried_again(
    database: Database, effects: Effects, relay: WatchedRelay
) -> None:
    event = await ingested(database)

    async def fail_at_the_very_end() -> None:
        async with effects.once(event) as effect:
            await write(effect.connection, event.file_id)
            await effect.emit(follow_up(event))
            raise Transient("hiccup")

    with pytest.raises(Transient):
        await fail_at_the_very_end()
    assert await applied(database) == (0, 0, 0)
    assert relay.woken == 0
    await applying(effects)(event)
    assert await applied(database) == (1, 1, 1)


async def test_two_services_may_both_react_to_an_event(database: Database) -> None:
    event = uuid4()
    for service in ("proxy", "transcribe"):
        async with database.connection() as connection:
            await inbox.begin(connection, service, event)
            await connection.commit()
    async with database.connection() as connection:
        with pytest.raises(AlreadyApplied) as raised:
            await inbox.begin(connection, "proxy", event)
    assert raised.value.event_id == event


async def test_what_no_event_caused_needs_no_inbox(database: Database, effects: Effects, relay: WatchedRelay) -> None:
    event = await ingested(database)
    async with effects.begin() as effect:
        await effect.emit(event)
    assert await applied(database) == (0, 0, 1)
    assert relay.woken == 1


async def test_two_workers_with_the_same_event_apply_it_once(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, effects: Effects
) -> None:
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await both.wait()

    handler = applying(effects, meet)
    event = await ingested(database)
    async with working(settings, database, stream, reacting(PROXY, handler, workers=2)):
        for message_id in "12":
            headers = {"Nats-Msg-Id": message_id}
            await stream.publish(event.address, event.model_dump_json().encode(), stream=STREAM, headers=headers)
        await handler.called(2)
        await settled(stream, PROXY.durable)
    assert (len(handler.events), handler.finished) == (2, 1)
    assert await applied(database) == (1, 1, 1)


@pytest.mark.parametrize("error", [None, ConnectionClosedError()], ids=["lost", "refused"])
async def test_a_crash_between_effect_and_acknowledgement_is_a_duplicate(
    settings: PlatformSettings,
    database: Database,
    stream: JetStreamContext,
    effects: Effects,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
) -> None:
    acknowledge = Msg.ack
    lost = 0

    async def losing_the_first(message: Msg) -> None:
        nonlocal lost
        lost += 1
        if lost > 1:
            await acknowledge(message)
        elif error:
            raise error

    monkeypatch.setattr(Msg, "ack", losing_the_first)
    handler = applying(effects)
    async with working(settings, database, stream, reacting(CRASHED, handler)):
        await publish(stream, await ingested(database))
        await handler.called(2)
        await settled(stream, CRASHED.durable)
    assert (len(handler.events), handler.finished, lost) == (2, 1, 2)
    assert await applied(database) == (1, 1, 1)


async def test_a_second_try_applies_what_the_first_did_not(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, effects: Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_DELAY", 0.05)
    tries = 0

    async def act(event: FileEvent) -> None:
        nonlocal tries
        tries += 1
        async with effects.once(event) as effect:
            await write(effect.connection, event.file_id)
            await effect.emit(follow_up(event))
            if tries == 1:
                raise Transient("hiccup")

    handler = Handler(act)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, await ingested(database))
        await handler.called(2)
        await settled(stream, PROXY.durable)
    assert await applied(database) == (1, 1, 1)


async def test_the_follow_up_of_a_re_run_is_the_same_event(database: Database, effects: Effects) -> None:
    event = await ingested(database)
    assert follow_up(event).id == follow_up(event).id
    for _ in range(2):
        async with effects.begin() as effect:
            await effect.emit(follow_up(event))
    assert await count(database, "outbox") == 1


async def test_emitting_nothing_is_nothing(database: Database, effects: Effects) -> None:
    async with effects.begin() as effect:
        await effect.emit()
    assert await count(database, "outbox") == 0


async def test_a_batch_of_events_is_one_statement_and_keeps_its_order(database: Database, effects: Effects) -> None:
    events: list[Event] = [follow_up(await ingested(database)) for _ in range(5)]
    async with effects.begin() as effect:
        await effect.emit(*events)
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT id FROM outbox ORDER BY position")
        assert [row[0] for row in await cursor.fetchall()] == [event.id for event in events]
