"""Those who listen to GET /api/events: many of them, slow ones, and what they miss while parts of the platform are away."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from services.search.identity import known
from services.search.identity.roles import Role, Scope
from services.search.live import feed, job_watches, listening, ring
from services.search.live import routes as events_routes
from services.search.metrics import LISTENERS_DROPPED
from shared import bus
from shared.contracts import BatchRequested, ImportRequested, Kind, ProxyFailed, ProxyReady
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.cleaning import fresh_stream
from tests.support.delivering import publish
from tests.support.gateway import Gateway, gateway
from tests.support.identity import bearer, client, key_of, person
from tests.support.listening import following, places, take
from tests.support.serving import served
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


def ready(file_id: UUID | None = None, revision: int = 1, proxy: str = "") -> ProxyReady:
    named = file_id or uuid4()
    return ProxyReady(file_id=named, revision=revision, kind=Kind.VIDEO, renditions={"proxy": proxy}, has_speech_track=True)


@asynccontextmanager
async def reached(platform: Platform, settings: PlatformSettings) -> AsyncIterator[tuple[httpx.AsyncClient, Gateway]]:
    """A gateway whose way to NATS can be shut."""
    async with gateway(settings.nats_url.get_secret_value()) as way:
        client = await bus.connect(way.url, name="test-gateway")
        async with served(platform, client) as http:
            yield http, way


async def test_fifty_listeners_are_each_told_what_they_ask_for(
    http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    config = feed.consumer_config

    def noted(name: str, filters: Sequence[str], after: int) -> ConsumerConfig:
        made.append(name.partition("-")[0])
        return config(name, filters, after)

    monkeypatch.setattr(feed, "consumer_config", noted)
    files = [uuid4() for _ in range(10)]
    await publish(stream, *(ready(file) for file in files))
    limits = httpx.Limits(max_connections=60)
    own = httpx.AsyncClient(base_url=http.base_url, headers=http.headers, trust_env=False, limits=limits)
    async with own as client, AsyncExitStack() as stack:
        of_all = [await stack.enter_async_context(following(client, place=number % 11)) for number in range(25)]
        of_one = [await stack.enter_async_context(following(client, file_id=str(files[number % 10]))) for number in range(25)]

        async def caught_up() -> bool:
            names = [info.name for info in await stream.consumers_info("SPILLWAY")]
            return [name.partition("-")[0] for name in names if name.startswith(("gateway-", "follower-"))] == ["gateway"]

        await until_so(caught_up)
        await publish(stream, *(ready(file, revision) for file in files for revision in (2, 3)))
        for number, listener in enumerate(of_all):
            assert places(await take(listener, 30 - number % 11)) == list(range(number % 11 + 1, 31))
        for number, listener in enumerate(of_one):
            ours = number % 10
            assert places(await take(listener, 3)) == [ours + 1, 11 + 2 * ours, 12 + 2 * ours]
    assert sorted(made) == ["follower"] * 48 + ["gateway"]  # one for all, and one for each of those who had missed something


async def test_only_facts_called_so(http: httpx.AsyncClient, stream: JetStreamContext) -> None:
    failed = ProxyFailed(file_id=uuid4(), revision=1, kind=Kind.VIDEO, reason="It is no video.")
    await publish(stream, ready(), failed, ImportRequested(job_id=uuid4()))
    async with following(http, subject=["proxy.failed", "import.requested"]) as told:
        await publish(stream, ready(), ImportRequested(job_id=uuid4()))
        assert places(await take(told, 3)) == [2, 3, 5]


@pytest.mark.parametrize("query", ["subject=proxy.exploded", "after=1-xyz", "after=-1", "file_id=1"])
async def test_what_cannot_be_listened_to_is_refused(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"/api/events?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_is_missed_over_a_restart_of_the_gateway(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext
) -> None:
    last: int | str = 0
    seen: list[int] = []
    for _ in range(3):
        await publish(stream, *(ready() for _ in range(4)))
        client = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
        async with served(platform, client) as http, following(http, place=last) as told:
            await publish(stream, ready())
            taken = await take(told, 3)
        seen += places(taken)
        last = taken[-1]["id"]
    assert seen == list(range(1, 10))


async def test_nothing_is_missed_while_nats_is_away(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT", 0.5)
    async with reached(platform, settings) as (http, way), following(http) as told:
        await publish(stream, ready(), ready())
        assert places(await take(told, 2)) == [1, 2]
        for outage in range(2):
            await way.shut()
            await publish(stream, ready(), ready(), ready())
            await way.open()
            assert places(await take(told, 3)) == [number + 3 * outage for number in (3, 4, 5)]


async def test_a_stream_that_was_wiped_is_told_from_its_beginning(
    http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "WAIT", 0.5)
    await publish(stream, *(ready() for _ in range(5)))
    async with following(http) as told:
        last = (await take(told, 5))[-1]["id"]
        await fresh_stream(stream)
        await publish(stream, *(ready() for _ in range(7)))
        news = await take(told, 7)
        assert places(news) == list(range(1, 8))
    async with following(http, place=last) as told:  # sequence 5 of the old stream says nothing about the new one
        assert places(await take(told, 7)) == list(range(1, 8))
    async with following(http, place=news[5]["id"]) as told:
        assert places(await take(told, 1)) == [7]


async def test_who_reads_too_slowly_is_told_so_and_goes_on_where_he_was(
    http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "MOST", 10)
    monkeypatch.setattr(ring.Ring.__init__, "__kwdefaults__", {"most": 10, "largest": 1 << 30})
    wide = "x" * 200_000
    async with following(http, place=None) as told:
        await publish(stream, *(ready(proxy=wide) for _ in range(100)))
        taken = [one async for one in told]
    assert taken[-1]["event"] == "stream.end"
    assert "Last-Event-ID" in taken[-1]["data"]["reason"]
    assert places(taken[:-1]) == list(range(1, len(taken)))
    assert len(taken) < 100
    async with following(http, place=taken[-2]["id"] if len(taken) > 1 else 0) as told:
        rest = await take(told, 101 - len(taken))
    assert places(rest) == list(range(len(taken), 101))


async def test_who_does_not_read_at_all_is_sent_away(
    http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_routes, "PATIENCE", 0.2)
    dropped = LISTENERS_DROPPED._value.get()
    await publish(stream, *(ready(proxy="x" * 20_000) for _ in range(1500)))
    _, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port, limit=1)
    writer.write(f"GET /api/events?after=0 HTTP/1.1\r\nHost: localhost\r\n{bearer(http)}\r\n".encode())
    await until(lambda: LISTENERS_DROPPED._value.get() == dropped + 1)

    async def unfollowed() -> bool:
        names = [info.name for info in await stream.consumers_info("SPILLWAY")]
        return not any(name.startswith(("gateway-", "follower-")) for name in names)

    await until_so(unfollowed)
    writer.transport.abort()


async def test_who_listens_when_the_gateway_stops_is_told_so(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext
) -> None:
    client = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, client) as http, following(http) as told:
        await client.close()
        assert [(one["event"], "Last-Event-ID" in one["data"]["reason"]) for one in [one async for one in told]] == [
            ("stream.end", True)
        ]


@pytest.mark.parametrize("way", ["revoked", "expired", "given less"])
async def test_who_may_listen_no_more_is_told_so(
    way: str, http: httpx.AsyncClient, stream: JetStreamContext, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next event, however many come, and in silence at the next sign of life."""
    monkeypatch.setattr(listening, "LOOK", 0.0)
    monkeypatch.setattr(listening, "WAIT", 0.05)
    monkeypatch.setattr(known, "REMEMBERED", 0.0)
    ada = await person(database, Role.ADMIN, "ada")
    key = await key_of(database, ada, scopes={Scope.READ, Scope.MANAGE})
    async with client(http, key.headers) as own, following(own, place=None) as told, following(http, place=None) as other:
        await publish(stream, ready())
        assert places(await take(told, 1)) == places(await take(other, 1)) == [1]
        async with database.connection() as connection:
            await connection.execute(ENDINGS[way].encode(), {"id": key.id})
        assert [(one["event"], "Sign in again" in one["data"]["reason"]) for one in [one async for one in told]] == [
            ("stream.end", True)
        ]
        await publish(stream, ready())
        assert places(await take(other, 1)) == [2]


ENDINGS = {
    "revoked": "UPDATE api_keys SET revoked_at = now() WHERE id = %(id)s",
    "expired": "UPDATE api_keys SET expires_at = now() WHERE id = %(id)s",
    "given less": "UPDATE api_keys SET scopes = '{manage}' WHERE id = %(id)s",
}


async def test_who_listens_to_a_job_is_told_how_far_it_is(
    database: Database, http: httpx.AsyncClient, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_watches, "IDLE", 3600)
    job_id = uuid4()
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO jobs (id, kind, request) VALUES (%s, 'import', '{}')", (job_id,))
    async with following(http, place=None, job_id=str(job_id)) as told:
        [first] = await take(told, 1)
        assert first["event"] == "job.progress"
        assert "id" not in first
        assert (first["data"]["job_id"], first["data"]["data"]["state"]) == (str(job_id), "pending")
        async with database.transaction() as connection:
            await connection.execute("UPDATE jobs SET state = 'running' WHERE id = %s", (job_id,))
        await publish(stream, BatchRequested(job_id=job_id))
        taken = await take(told, 2)
        states: list[Any] = [one["data"]["data"].get("state") for one in taken if one["event"] == "job.progress"]
        assert (states, places([one for one in taken if "id" in one])) == (["running"], [1])


async def test_who_does_not_listen_to_a_job_is_not_told(
    database: Database, http: httpx.AsyncClient, stream: JetStreamContext
) -> None:
    job_id = uuid4()
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO jobs (id, kind, request) VALUES (%s, 'import', '{}')", (job_id,))
    async with following(http, job_id=str(job_id), subject=["job.progress"]) as progress, following(http) as facts:
        assert [one["event"] for one in await take(progress, 1)] == ["job.progress"]
        await publish(stream, ImportRequested(job_id=job_id), ready())
        assert [one["event"] for one in await take(facts, 2)] == ["import.requested", "proxy.ready"]
