"""What every worker service is made of: pool, broker, relay, sweeper, health endpoints; `app.py` adds the handlers."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from faststream._internal.basic_types import SettingField
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.asgi.handlers import GetHandler
from faststream.asgi.types import ASGIApp, Scope
from faststream.nats import NatsBroker
from prometheus_client import make_asgi_app

from shared import bus
from shared.blobs import Blobs
from shared.database import Database
from shared.effects import Effects
from shared.errors import SpillwayError
from shared.messaging import Subscription, rest_while_unserved, subscribe
from shared.observability import configure
from shared.outbox import Relay
from shared.platform import run_async, watch_lifeline
from shared.settings import PlatformSettings
from shared.sweeper import Sweeper
from shared.tasks import ended

GRACE = 20.0
"""Seconds that running handlers are given at a stop; what is not done by then goes back to the bus."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Platform:
    """A service's hold on Postgres, the bus and the bucket."""

    service: str
    settings: PlatformSettings
    database: Database
    blobs: Blobs
    relay: Relay

    @classmethod
    def build(cls, service: str, settings: PlatformSettings) -> "Platform":
        """Everything constructed, nothing connected."""
        database = Database(settings.database_url.get_secret_value(), connections=settings.database_connections)
        return cls(service, settings, database, Blobs(settings), Relay(database))

    @property
    def effects(self) -> Effects:
        """Transactions in this service's name."""
        return Effects(self.database, self.relay, self.service)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pool open, relay and sweeper at work."""
        settings = self.settings
        await self.database.open()
        client = await bus.connect(settings.nats_url.get_secret_value(), name=f"spillway-{self.service}-relay")
        stream = client.jetstream(publish_async_max_pending=1000)
        sweeper = Sweeper(
            self.database,
            stream,
            self.relay,
            interval=settings.sweep_interval,
            grace=settings.sweep_grace,
            ack_wait=settings.ack_wait,
        )
        tasks = [asyncio.create_task(self.relay.run(stream)), asyncio.create_task(sweeper.run())]
        for task in tasks:
            task.add_done_callback(_stop_process_on_bug)
        try:
            yield
        finally:
            await ended(tasks)
            await client.close()
            await self.database.close()


def worker(
    platform: Platform,
    subscriptions: Sequence[Subscription],
    resources: Sequence[AbstractAsyncContextManager[object]] = (),
) -> AsgiFastStream:
    """A service that handles the given subscriptions, with `resources` open from before the first message to after the last."""
    settings = platform.settings
    broker = NatsBroker(
        settings.nats_url.get_secret_value(),
        name=f"spillway-{platform.service}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        graceful_timeout=GRACE,
        apply_types=False,
        logger=None,
    )
    for subscription in subscriptions:
        subscribe(broker, subscription, platform.database, ack_wait=settings.ack_wait)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(platform.running())
            for resource in resources:
                await stack.enter_async_context(resource)
            log.info("ready")
            yield

    routes: list[tuple[str, ASGIApp]] = [
        ("/livez", alive),
        ("/readyz", readiness(platform, broker)),
        ("/metrics", make_asgi_app()),
    ]
    unhurried = partial(rest_while_unserved, broker)
    return AsgiFastStream(broker, lifespan=lifespan, after_startup=[unhurried], asgi_routes=routes, logger=None)


@get
async def alive(scope: Scope) -> AsgiResponse:
    """Answer 200 as long as the process can answer at all."""
    return AsgiResponse(b"alive\n", 200)


def readiness(platform: Platform, broker: NatsBroker) -> GetHandler:
    """Answer 200 while Postgres and NATS can be used, else 503 with what is away."""

    @get
    async def ready(scope: Scope) -> AsgiResponse:
        missing = [name for name, check in checks.items() if not await check()]
        if missing:
            return AsgiResponse(f"away: {', '.join(missing)}\n".encode(), 503)
        return AsgiResponse(b"ready\n", 200)

    async def postgres() -> bool:
        try:
            async with platform.database.connection() as connection:
                await connection.execute("SELECT 1")
        except SpillwayError:
            return False
        return True

    async def nats() -> bool:
        return await broker.ping(timeout=2.0)

    checks = {"postgres": postgres, "nats": nats}
    return ready


def run(service: str, build: Callable[[Platform], AsgiFastStream]) -> None:
    """Run a worker service in this process until it is told to stop, or its parent is gone."""
    settings = PlatformSettings()
    configure(service, level=settings.log_level, style=settings.log_format)
    watch_lifeline(lambda: signal.raise_signal(signal.SIGTERM))
    app = build(Platform.build(service, settings))
    options: dict[str, SettingField] = {
        "host": settings.health_host,
        "port": settings.health_port,
        "log_config": None,
        "access_log": "false",
    }
    run_async(app.run(run_extra_options=options))


def _stop_process_on_bug(task: "asyncio.Task[None]") -> None:
    """A relay or sweeper that ended by a bug would leave a service that looks alive: better end it and be restarted."""
    if not task.cancelled() and (error := task.exception()):
        log.error("a background task died", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
