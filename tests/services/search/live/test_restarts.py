"""NATS itself restarts, or loses all it had, while somebody listens; on a stack of this module's own."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from cli.local.settings import LocalSettings
from cli.local.stack import Stack
from services.search.live import feed
from shared import bus
from shared.contracts import Kind, ProxyReady
from shared.migrate import migrate_database, read_migrations
from shared.service import Platform
from tests.support.delivering import publish
from tests.support.listening import following, places, take
from tests.support.serving import served
from tests.support.stack import platform_settings

pytestmark = [pytest.mark.connected, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, dict[str, str]]]:
    stack = Stack(LocalSettings(data=tmp_path_factory.mktemp("own"), s3_endpoint="http://127.0.0.1:9"))
    with stack as environment:
        yield stack, environment


def facts(number: int) -> list[ProxyReady]:
    return [
        ProxyReady(file_id=uuid4(), revision=1, kind=Kind.VIDEO, renditions={}, has_speech_track=True) for _ in range(number)
    ]


async def test_every_fact_is_told_once_whatever_becomes_of_nats(
    stack: tuple[Stack, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    servers, environment = stack
    monkeypatch.setattr(feed, "WAIT", 0.5)
    settings = platform_settings(environment)
    platform = Platform.build("test", settings)
    url = settings.nats_url.get_secret_value()
    client, ours = await bus.connect(url, name="gateway"), await bus.connect(url, name="test")
    stream = ours.jetstream()
    await bus.declare(stream)
    await platform.database.open()
    await migrate_database(platform.database, read_migrations())
    async with served(platform, client) as http, following(http) as told:
        await publish(stream, *facts(3))
        assert places(await take(told, 3)) == [1, 2, 3]
        await asyncio.to_thread(servers.restart, "nats")
        await publish(stream, *facts(3))
        news = await take(told, 3)
        assert places(news) == [4, 5, 6]
        await asyncio.to_thread(servers.wipe_nats)
        await bus.declare(stream)
        await publish(stream, *facts(9))
        assert places(await take(told, 9)) == list(range(1, 10))
        async with following(http, place=news[1]["id"]) as again:
            assert places(await take(again, 9)) == list(range(1, 10))
    await ours.close()
    await platform.database.close()
