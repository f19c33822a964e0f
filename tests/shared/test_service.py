"""A worker service says how it is, and does not outlive its relay or sweeper."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.js import JetStreamContext
from pydantic import SecretStr

from shared.contracts import ImportRequested
from shared.database import Database
from shared.outbox import Relay
from shared.service import Platform, worker
from shared.settings import PlatformSettings
from shared.topology import INGEST
from tests.support.delivering import Handler, reacting, settled
from tests.support.gateway import gateway
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    raised: list[int] = []
    monkeypatch.setattr(signal, "raise_signal", raised.append)
    return raised


async def test_an_accepted_event_is_handled_by_a_service_that_was_built_for_it(
    settings: PlatformSettings, database: Database, stream: JetStreamContext
) -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def resource() -> AsyncIterator[None]:
        opened.append("open")
        yield
        opened.append("closed")

    platform = Platform.build("test", settings)
    handler = Handler()
    app = worker(platform, [reacting(INGEST, handler)], [resource()])
    async with app.start_lifespan_context(run_extra_options={}):
        async with platform.effects.begin() as effect:
            await effect.emit(ImportRequested(job_id=uuid4()))
        await handler.called(1)
        await settled(stream, INGEST.durable)
        assert opened == ["open"]
    assert opened == ["open", "closed"]


async def test_health_says_what_is_away(settings: PlatformSettings, database: Database, stream: JetStreamContext) -> None:
    async with gateway(settings.nats_url.get_secret_value()) as way:
        cut = settings.model_copy(update={"nats_url": SecretStr(way.url)})
        app = worker(Platform.build("test", cut), [reacting(INGEST, Handler())])
        transport = httpx.ASGITransport(app)

        async def ready() -> bool:
            return (await client.get("/readyz")).status_code == 200

        async with (
            app.start_lifespan_context(run_extra_options={}),
            httpx.AsyncClient(transport=transport, base_url="http://service") as client,
        ):
            await until_so(ready)
            metrics = (await client.get("/metrics")).text
            await way.shut()
            away, alive = await client.get("/readyz"), await client.get("/livez")
            await way.open()
            await until_so(ready)
    assert (away.status_code, away.text) == (503, "away: nats\n")
    assert alive.status_code == 200
    assert "spillway_deliveries_total" in metrics


async def test_a_service_whose_relay_died_by_a_bug_stops(
    settings: PlatformSettings,
    database: Database,
    stream: JetStreamContext,
    signals: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(relay: Relay, stream: Any) -> int:
        raise ValueError("a bug")

    monkeypatch.setattr(Relay, "publish_batch", broken)
    async with Platform.build("test", settings).running():
        await until(lambda: bool(signals))
    assert signals == [signal.SIGTERM]


async def test_a_service_that_ends_is_no_bug(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, signals: list[int]
) -> None:
    async with Platform.build("test", settings).running():
        pass
    assert signals == []
