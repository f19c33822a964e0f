"""What becomes of a message on the real bus when its handler raises, or when it is no event at all."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from nats.js import JetStreamContext
from psycopg.rows import dict_row

from shared import messaging, retries
from shared.contracts import STREAM, Event, FileIngested, ImportRequested, ProxyFailed, Stage, StageState
from shared.database import Connection, Database
from shared.errors import BadMedia, BlobsUnavailable, Superseded, Transient
from shared.identifiers import derived_id
from shared.settings import PlatformSettings
from shared.stages import settle
from shared.topology import CRASH_LIMIT, Consumer
from tests.support.delivering import Handler, publish, reacting, settled, working
from tests.support.examples import FILE
from tests.support.library import add_file, count, stage_of
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

DELAY = 0.3
"""Long beside the milliseconds in which a message given back without a delay comes again."""
LEASE = 5.0
"""Longer than any test takes: what comes again does so because it was given back, not because its lease ran out."""

PROXY = Consumer("test-proxy", (FileIngested,), ack_wait=LEASE, attempts=3, stage=Stage.PROXY, failed=ProxyFailed)
INGEST = Consumer("test-ingest", (ImportRequested,), ack_wait=LEASE, attempts=2)


@pytest.fixture(autouse=True)
def _short_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_DELAY", DELAY)
    monkeypatch.setattr(retries, "LONGEST_DELAY", DELAY)


def raising(make: Callable[[], Exception], *, times: int = 1_000_000) -> Handler:
    left = iter(range(times))

    async def act(event: Event) -> None:
        if next(left, None) is not None:
            raise make()

    return Handler(act)


async def letters(database: Database) -> list[dict[str, Any]]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM dead_letters ORDER BY id")
        return await cursor.fetchall()


async def outbox(database: Database) -> list[dict[str, Any]]:
    async with database.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM outbox ORDER BY position")
        return await cursor.fetchall()


async def ingested(database: Database) -> FileIngested:
    async with database.transaction() as connection:
        return await add_file(connection)


async def test_a_passing_error_is_tried_again_after_the_delay(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: Transient("hiccup"), times=2)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, event := await ingested(database))
        await handler.called(3)
        await settled(stream, PROXY.durable)
    assert handler.events == [event] * 3
    assert all(later - earlier >= 0.9 * DELAY for earlier, later in pairwise(handler.times))
    assert handler.times[-1] - handler.times[0] < LEASE
    assert await letters(database) == []


async def test_a_bug_is_tried_so_many_times_and_then_buried_with_its_history(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: ValueError("no such thing"))
    event = await ingested(database)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, event)
        await handler.called(PROXY.attempts)
        await settled(stream, PROXY.durable)

        [letter] = await letters(database)
        assert (letter["consumer"], letter["event_id"], letter["address"]) == ("test-proxy", event.id, event.address)
        assert (letter["error"], letter["error_type"], letter["deliveries"]) == ("no such thing", "ValueError", 3)
        assert [{**entry, "at": None} for entry in letter["history"]] == [
            {"at": None, "error": "no such thing", "type": "ValueError", "deliveries": 3}
        ]
        assert FileIngested.model_validate_json(letter["body"]) == event
        assert letter["headers"]["ce-id"] == str(event.id)

        again = {"Nats-Msg-Id": "sent again"}
        await stream.publish(event.address, event.model_dump_json().encode(), stream=STREAM, headers=again)
        await handler.called(2 * PROXY.attempts)
        await settled(stream, PROXY.durable)
    assert len(handler.events) == 2 * PROXY.attempts
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "failed"


async def test_a_message_buried_twice_keeps_the_history_of_both(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: BadMedia(f"broken at look {len(handler.events)}"))
    event = ImportRequested(job_id=uuid4())
    async with working(settings, database, stream, reacting(INGEST, handler)):
        for look in range(1, 3):
            await stream.publish(event.address, event.model_dump_json().encode(), stream=STREAM)
            await handler.called(look)
            await settled(stream, INGEST.durable)
    [letter] = await letters(database)
    assert [entry["error"] for entry in letter["history"]] == ["broken at look 1", "broken at look 2"]
    assert letter["error"] == "broken at look 2"


async def test_a_permanent_error_fails_the_stage_and_tells_the_next_at_once(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: BadMedia("The file is damaged; copy it again."))
    event = await ingested(database)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, event)
        await handler.called(1)
        await settled(stream, PROXY.durable)
    assert len(handler.events) == 1
    [letter] = await letters(database)
    assert (letter["error_type"], letter["deliveries"]) == ("BadMedia", 1)
    stage = await stage_of(database, event.file_id, Stage.PROXY)
    assert (stage.state, stage.reason) == ("failed", "The file is damaged; copy it again.")
    [row] = await outbox(database)
    fact = ProxyFailed(file_id=event.file_id, revision=1, kind=event.kind, reason="The file is damaged; copy it again.")
    assert (row["id"], row["address"], row["body"]) == (fact.id, fact.address, fact.model_dump(mode="json"))
    assert row["headers"]["ce-source"] == "/spillway/test-proxy"


async def test_giving_up_happens_whole_or_not_at_all(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    """The last step of giving up fails once: nothing of the others may stay, and the message comes again."""
    handler = raising(lambda: BadMedia("no"))
    seen: list[tuple[int, int]] = []

    async def on_buried(connection: Connection, event: Event, reason: str) -> None:
        seen.append((await count(database, "dead_letters"), await count(database, "outbox")))
        if len(seen) == 1:
            raise BlobsUnavailable("away")

    event = await ingested(database)
    async with working(settings, database, stream, reacting(PROXY, handler, on_buried=on_buried)):
        await publish(stream, event)
        await handler.called(2)
        await settled(stream, PROXY.durable)
    assert seen == [(0, 0), (0, 0)]
    assert (await count(database, "dead_letters"), await count(database, "outbox")) == (1, 1)
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "failed"


async def test_an_error_while_giving_up_gives_the_message_back(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: BadMedia("no"))
    calls = 0

    async def on_buried(connection: Connection, event: Event, reason: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("a bug in giving up")

    async with working(settings, database, stream, reacting(INGEST, handler, on_buried=on_buried)):
        await publish(stream, ImportRequested(job_id=uuid4()))
        await handler.called(2)
        await settled(stream, INGEST.durable)
    assert handler.times[1] - handler.times[0] < LEASE
    assert await count(database, "dead_letters") == 1


async def test_an_outage_is_never_held_against_a_message(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(retries, "LONGEST_WAIT", 0.01)
    outages = CRASH_LIMIT + 5
    handler = raising(lambda: BlobsUnavailable("away"), times=outages)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, await ingested(database))
        await handler.called(outages + 1)
        await settled(stream, PROXY.durable)
        assert handler.finished == 1
    assert await letters(database) == []


async def test_what_is_superseded_is_acknowledged(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: Superseded(FILE, 1))
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, await ingested(database))
        await handler.called(1)
        await settled(stream, PROXY.durable)
    assert len(handler.events) == 1
    assert await letters(database) == []


async def test_giving_up_a_settled_stage_changes_nothing(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    handler = raising(lambda: BadMedia("no"))
    event = await ingested(database)
    async with database.transaction() as connection:
        await settle(connection, event, Stage.PROXY, StageState.DONE)
    async with working(settings, database, stream, reacting(PROXY, handler)):
        await publish(stream, event)
        await handler.called(1)
        await settled(stream, PROXY.durable)
    assert (await stage_of(database, event.file_id, Stage.PROXY)).state == "done"
    assert (await letters(database), await outbox(database)) == ([], [])


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "Invalid JSON"),
        (b"{not json", "Invalid JSON"),
        (b"\xff\xfe", "Invalid JSON"),
        (b"[1]", "should be an object"),
        (b'{"job_id": "seven"}', "job_id: Input should be a valid UUID"),
        (b"{}", "job_id: Field required"),
    ],
)
async def test_what_is_no_event_is_buried_at_once_and_blocks_nobody(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, body: bytes, fault: str
) -> None:
    handler = Handler()
    following = ImportRequested(job_id=uuid4())
    async with working(settings, database, stream, reacting(INGEST, handler)):
        await stream.publish(ImportRequested.subject, body, stream=STREAM, headers={"content-type": "application/json"})
        await publish(stream, following)
        await handler.called(1)
        await settled(stream, INGEST.durable)
    assert handler.events == [following]
    [letter] = await letters(database)
    assert (letter["body"], letter["error_type"], letter["deliveries"]) == (body, "InvalidEvent", 1)
    assert letter["event_id"] == derived_id(ImportRequested.subject, body.hex())
    assert fault in letter["error"]


async def test_an_address_that_the_catalogue_does_not_know_is_buried(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a roll back: the stream has events that this version has no class for."""
    monkeypatch.setattr(messaging, "event_class", lambda address: None)
    handler = Handler()
    async with working(settings, database, stream, reacting(INGEST, handler)):
        await publish(stream, ImportRequested(job_id=uuid4()))
        await until_so(lambda: _any_letter(database))
        await settled(stream, INGEST.durable)
    assert handler.events == []
    assert "the catalogue has no such event" in (await letters(database))[0]["error"]


async def _any_letter(database: Database) -> bool:
    return await count(database, "dead_letters") > 0


async def test_a_message_that_kills_its_workers_is_buried(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server counts deliveries; a worker that dies says nothing, as one that never acknowledges here."""
    monkeypatch.setattr(messaging, "CRASH_LIMIT", 3)
    doomed = Consumer("test-crashes", (FileIngested,), ack_wait=0.05, attempts=99, stage=Stage.PROXY, failed=ProxyFailed)
    handler = Handler()
    event = await ingested(database)
    async with working(settings, database, stream, reacting(doomed, handler)):
        pass
    await publish(stream, event)
    subscription = await stream.pull_subscribe_bind(doomed.durable, STREAM)
    for delivery in range(1, 4):
        [message] = await subscription.fetch(1, timeout=5)
        assert message.metadata.num_delivered == delivery
    await subscription.unsubscribe()

    async with working(settings, database, stream, reacting(doomed, handler)):
        await until_so(lambda: _any_letter(database))
        await settled(stream, doomed.durable)

    assert handler.events == []
    [letter] = await letters(database)
    assert (letter["error_type"], letter["deliveries"]) == ("WorkerLost", 4)
    assert "The worker stopped" in ((await stage_of(database, event.file_id, Stage.PROXY)).reason or "")


async def test_below_the_limit_a_message_whose_workers_died_is_tried_again(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    killed = Consumer("test-killed", (FileIngested,), ack_wait=0.2)
    handler = Handler()
    async with working(settings, database, stream, reacting(killed, handler)):
        pass
    await publish(stream, event := await ingested(database))
    subscription = await stream.pull_subscribe_bind(killed.durable, STREAM)
    for _ in range(killed.attempts + 1):
        await subscription.fetch(1, timeout=5)
    await subscription.unsubscribe()
    async with working(settings, database, stream, reacting(killed, handler)):
        await handler.called(1)
        await settled(stream, killed.durable)
    assert handler.events == [event]


async def test_a_handler_may_be_slow_only_up_to_the_limit(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    async def dawdle(event: Event) -> None:
        await asyncio.sleep(30)

    slow = Consumer("test-limit", (FileIngested,), limit=0.1, attempts=2, stage=Stage.PROXY, failed=ProxyFailed)
    handler = Handler(dawdle)
    event = await ingested(database)
    async with working(settings, database, stream, reacting(slow, handler)):
        await publish(stream, event)
        await handler.called(2)
        await settled(stream, slow.durable)
    assert handler.finished == 0
    stage = await stage_of(database, event.file_id, Stage.PROXY)
    assert (stage.state, stage.reason) == ("failed", "This took longer than it is allowed to; the file may be damaged.")
