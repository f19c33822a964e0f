"""Servers that restart under a running service, on a stack of this module's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from cli.local.settings import LocalSettings
from cli.local.stack import Stack
from shared import bus
from shared.contracts import Event, ImportRequested
from shared.database import Database
from shared.errors import DatabaseUnavailable
from shared.migrate import migrate_database, read_migrations
from shared.service import Platform, worker
from shared.settings import PlatformSettings
from shared.topology import INGEST
from tests.support.delivering import Handler, reacting
from tests.support.library import count
from tests.support.stack import platform_settings
from tests.support.waiting import until, until_so

pytestmark = pytest.mark.connected


@dataclass(frozen=True)
class OwnStack:
    """Servers that may be stopped, and the settings for them."""

    stack: Stack
    settings: PlatformSettings

    async def restart(self, name: str) -> None:
        await asyncio.to_thread(self.stack.restart, name)


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnStack]:
    stack = Stack(LocalSettings(data=tmp_path_factory.mktemp("own"), s3_endpoint="http://127.0.0.1:9"))
    with stack as environment:
        yield OwnStack(stack, platform_settings(environment, sweep_interval=0.5, sweep_grace=2.0))


@pytest.fixture
async def own_platform(own_stack: OwnStack) -> AsyncIterator[Platform]:
    platform = Platform.build("test", own_stack.settings)
    await platform.database.open()
    await migrate_database(platform.database, read_migrations())
    client = await bus.connect(own_stack.settings.nats_url.get_secret_value(), name="test")
    await bus.declare(client.jetstream())
    await client.close()
    yield Platform.build("test", own_stack.settings)
    await platform.database.close()


def applying(platform: Platform) -> Handler:
    async def act(event: Event) -> None:
        async with platform.effects.once(event):
            pass

    return Handler(act)


async def accept(platform: Platform) -> ImportRequested:
    event = ImportRequested(job_id=uuid4())
    async with platform.effects.begin() as effect:
        await effect.emit(event)
    return event


async def test_workers_and_relay_go_on_after_nats_restarted(own_stack: OwnStack, own_platform: Platform) -> None:
    handler = applying(own_platform)
    app = worker(own_platform, [reacting(INGEST, handler, workers=2)])
    async with app.start_lifespan_context(run_extra_options={}):
        before = await accept(own_platform)
        await handler.called(1)
        await own_stack.restart("nats")
        after = await accept(own_platform)
        await until(lambda: after in handler.events, within=20)
    assert {before.id, after.id} == {event.id for event in handler.events}


async def test_a_service_goes_on_after_postgres_restarted(own_stack: OwnStack, own_platform: Platform) -> None:
    """The message in hand when the connection breaks is applied once, and the pool serves again."""
    broken = asyncio.Event()

    async def act(event: Event) -> None:
        async with own_platform.effects.once(event):
            if not broken.is_set():
                broken.set()
                await own_stack.restart("postgres")

    handler = Handler(act)
    app = worker(own_platform, [reacting(INGEST, handler)])

    async def applied() -> bool:
        try:
            return await count(own_platform.database, "inbox", f"event_id = '{event.id}'") == 1
        except DatabaseUnavailable:
            return False

    async with app.start_lifespan_context(run_extra_options={}):
        event = await accept(own_platform)
        await until_so(applied, within=20)
        assert [one.id for one in handler.events] == [event.id, event.id]
        following = await accept(own_platform)
        await until(lambda: following in handler.events, within=20)
    assert handler.finished == 2


async def test_the_pool_serves_again_after_postgres_restarted(own_stack: OwnStack) -> None:
    database = Database(own_stack.settings.database_url.get_secret_value(), connections=3)
    await database.open()

    async def lose_the_connection() -> None:
        async with database.connection() as connection:
            await own_stack.restart("postgres")
            await connection.execute("SELECT 1")

    async def works() -> bool:
        try:
            async with database.connection() as connection:
                await connection.execute("SELECT 1")
        except DatabaseUnavailable:
            return False
        return True

    with pytest.raises(DatabaseUnavailable):
        await lose_the_connection()
    await until_so(works)
    await database.close()
