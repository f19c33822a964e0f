"""GET /api/events on the real stream."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from services.search.identity.roles import Role
from services.search.live import feed
from shared.contracts import (
    STREAM,
    BatchCancelled,
    BatchRequested,
    ImportRequested,
    Kind,
    Priority,
    ProxyReady,
    ProxyRequested,
    RebuildRequested,
)
from shared.database import Database
from tests.support.delivering import publish
from tests.support.footage import add_footage
from tests.support.identity import bearer, client_as
from tests.support.listening import following, places, take
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


def ready(file_id: UUID, revision: int = 1) -> ProxyReady:
    return ProxyReady(file_id=file_id, revision=revision, kind=Kind.VIDEO, renditions={}, has_speech_track=True)


async def followers(stream: JetStreamContext) -> list[ConsumerInfo]:
    return [info for info in await stream.consumers_info(STREAM) if info.name.startswith(("follower-", "gateway-"))]


async def unfollowed(stream: JetStreamContext) -> bool:
    return not await followers(stream)


async def test_an_event_is_told_as_it_happens(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    file_id = uuid4()
    async with following(http, place=None) as events:
        await publish(stream, ready(file_id))
        [told] = await take(events, 1)
    assert (places([told]), told["data"]["sequence"], told["event"]) == ([1], 1, "proxy.ready")
    assert told["data"]["type"] == "spillway.proxy.ready.v1"
    assert told["data"]["file_id"] == told["data"]["data"]["file_id"] == str(file_id)
    assert told["data"]["time"]


async def test_a_client_goes_on_where_it_stopped(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    await publish(stream, *(ready(uuid4()) for _ in range(250)))
    async with following(http) as events:
        first = await take(events, 120)
    assert places(first) == list(range(1, 121))
    async with following(http, place=120) as events:
        assert places(await take(events, 130)) == list(range(121, 251))
    async with following(http, place=None, after="249") as events:
        assert places(await take(events, 1)) == [250]


async def test_a_place_that_a_new_stream_does_not_have_yet_is_no_reason_to_wait(
    http: httpx.AsyncClient, stream: JetStreamContext
) -> None:
    async with following(http, place=10_000) as events:
        await publish(stream, ready(uuid4()))
        assert places(await take(events, 1)) == [1]


async def test_only_one_file(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    ours = uuid4()
    await publish(stream, ready(uuid4()), ready(ours), ready(uuid4()), ready(ours, 2))
    async with following(http, file_id=str(ours)) as events:
        assert places(await take(events, 2)) == [2, 4]


async def test_only_one_job_and_its_files(database: Database, http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    job_id = uuid4()
    async with database.transaction() as connection:
        film = await add_footage(connection)
        await connection.execute("INSERT INTO jobs (id, kind, request) VALUES (%s, 'import', '{}')", (job_id,))
        item = "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'a', 'a', %s)"
        await connection.execute(item, (job_id, film.id))
    await publish(stream, ready(uuid4()), ImportRequested(job_id=job_id), ImportRequested(job_id=uuid4()), ready(film.id))
    async with following(http, job_id=str(job_id)) as events:
        assert places(await take(events, 2)) == [2, 4]


async def test_of_a_batch_only_what_happens_for_it(
    database: Database, http: httpx.AsyncClient, stream: JetStreamContext
) -> None:
    batch = uuid4()
    async with database.transaction() as connection:
        film = await add_footage(connection)
        await connection.execute("INSERT INTO jobs (id, kind, request) VALUES (%s, 'proxy', '{}')", (batch,))
        item = "INSERT INTO job_items (job_id, path_raw, path, file_id) VALUES (%s, 'a', 'a', %s)"
        await connection.execute(item, (batch, film.id))
    ours, others = (ready(film.id).model_copy(update={"run_id": run}) for run in (batch, uuid4()))
    await publish(stream, ready(film.id), others, BatchRequested(job_id=batch), ours, BatchCancelled(job_id=batch))
    async with following(http, job_id=str(batch)) as events:
        assert places(await take(events, 3)) == [3, 4, 5]


async def test_requests_are_among_the_facts_of_a_file(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    ours, run = uuid4(), uuid4()
    asked = [
        ProxyRequested(file_id=file_id, revision=1, kind=Kind.VIDEO, run_id=run, priority=priority)
        for file_id in (ours, uuid4())
        for priority in Priority
    ]
    await publish(stream, asked[2], asked[0])
    async with following(http, file_id=str(ours)) as events:
        [told] = await take(events, 1)
    assert (told["event"], told["data"]["file_id"]) == ("proxy.requested", str(ours))


async def test_nothing_is_left_of_a_client_that_went_away(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    async with following(http, place=None):
        assert not await unfollowed(stream)
    await until_so(lambda: unfollowed(stream))


async def test_a_client_that_does_not_read_is_not_read_for(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    large = {"proxy": "x" * 20_000}
    await publish(stream, *(ready(uuid4()).model_copy(update={"renditions": large}) for _ in range(1500)))
    _, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port, limit=1)
    writer.write(f"GET /api/events?after=0 HTTP/1.1\r\nHost: localhost\r\n{bearer(http)}\r\n".encode())
    places = [-1, 0]
    while not places[-1] or places[-1] != places[-2]:
        await asyncio.sleep(0.5)
        places.append(await delivered(stream))
    assert places[-1] < 1500
    writer.transport.abort()
    await until_so(lambda: unfollowed(stream))


async def delivered(stream: JetStreamContext) -> int:
    """The place up to which the only follower has taken events."""
    own = [info.delivered for info in await followers(stream) if info.name.startswith("follower-")]
    return max((delivered.stream_seq for delivered in own if delivered), default=0)


async def test_a_consumer_may_be_lost_and_no_event_with_it(
    http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT", 0.5)
    async with following(http, place=None) as events:
        [info] = await followers(stream)
        await stream.delete_consumer(STREAM, info.name)
        await publish(stream, ready(uuid4()))
        assert places(await take(events, 1)) == [1]


async def test_a_viewer_is_told_of_files_and_not_of_the_machinery(
    database: Database, http: httpx.AsyncClient, stream: JetStreamContext
) -> None:
    await publish(stream, RebuildRequested(job_id=uuid4()), ready(uuid4()))
    async with client_as(http, database, Role.VIEWER) as viewer, following(viewer) as events:
        [told] = await take(events, 1)
        refused = await viewer.get("/api/events", params={"subject": ["proxy.ready", "rebuild.requested"]})
    assert told["event"] == "proxy.ready"
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "You may not be told of rebuild.requested: that takes the scope manage.",
    )
    async with following(http, subject="rebuild.requested") as events:
        assert places(await take(events, 1)) == [1]


async def test_what_is_no_place_is_refused(http: httpx.AsyncClient) -> None:
    for headers in ({"Last-Event-ID": "yesterday"}, {"Last-Event-ID": "-1"}):
        assert (await http.get("/api/events", headers=headers)).status_code == 422
