"""The gateway's process: granian in this process's own loop, until it is told to stop or its parent is gone."""

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from services.search.app import create_app
from services.search.identity import first
from services.search.resources import Resources, opened
from services.search.settings import SearchSettings
from shared import embedders
from shared.errors import Conflict, SpillwayError
from shared.minilm import MODEL
from shared.observability import configure
from shared.platform import STOP_SIGNALS, run_async, watch_lifeline
from shared.service import Platform
from shared.settings import PlatformSettings

NAME = "search"
LOOK = 0.2
"""Seconds between looks at whether to stop: on Windows a signal does not wake a loop that waits."""
BACKLOG = 1024
"""Connections that may wait to be accepted: a thousand listeners come back at once when the gateway was started anew."""
MOST_CONNECTIONS = 4096
"""Of all clients together; beyond it granian accepts none. Its own limit is 128, and every listener holds one."""
GRACE = 5.0
"""Seconds that answers under way are given at a stop: a client that does not read would keep its own going for ever."""

log = structlog.get_logger()


def run() -> None:
    """Serve until told to stop."""
    platform_settings, settings = PlatformSettings(), SearchSettings()
    configure(NAME, level=platform_settings.log_level, style=platform_settings.log_format)
    watch_lifeline(lambda: signal.raise_signal(signal.SIGTERM))
    try:
        run_async(gateway(Platform.build(NAME, platform_settings), settings))
    except SpillwayError as error:
        log.error("cannot serve", reason=str(error))
        sys.exit(1)


async def gateway(platform: Platform, settings: SearchSettings) -> None:
    """Open the resources, serve, and close them again; raises Conflict if the port is taken."""
    require_free(settings.host, settings.port)
    stop = stop_requested()
    async with opened(platform, settings) as resources:
        await first.begin(platform.database, resources.passwords, settings)
        warming = asyncio.create_task(warm(resources))
        app = create_app(resources)
        settle()
        await serve(app, settings, stop, before_end=resources.nats.close)
        await warming


async def warm(resources: Resources) -> None:
    """Load the local embedder if it serves, before somebody waits for it; where it cannot be, searches by meaning say so."""
    try:
        async with resources.platform.database.connection() as connection:
            serving = (await embedders.in_use(connection))[0]
        if serving.model == MODEL:
            await resources.vectors.vector("", MODEL)
            settle()
    except Exception:
        log.exception("the embedding model cannot be loaded")


def settle() -> None:
    """Never look through what is there now for garbage again: it stays, and looking held every answer up for 0.5 s."""
    gc.collect()
    gc.freeze()


def stop_requested() -> asyncio.Event:
    """An event that is set when the process is asked to stop."""
    stop = asyncio.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    return stop


async def serve(
    app: ASGIApp, settings: SearchSettings, stop: asyncio.Event, *, before_end: Callable[[], Awaitable[None]]
) -> None:
    """Answer requests until `stop` is set.

    granian waits for the answers under way, so `before_end` must end those that have no end.
    """
    server = Server(
        app,
        address=settings.host,
        backlog=BACKLOG,
        backpressure=MOST_CONNECTIONS,
        port=settings.port,
        interface=Interfaces.ASGINL,
        websockets=False,
        # Requests and errors are logged by the guard; below `error` granian says only that embedding is experimental.
        log_level=LogLevels.error,
    )
    serving = asyncio.create_task(server.serve())
    log.info("ready", address=f"http://{settings.host}:{settings.port}")
    while not (stop.is_set() or serving.done()):  # noqa: ASYNC110 - on Windows no event wakes it, see LOOK
        await asyncio.sleep(LOOK)
    await before_end()
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait({serving}, timeout=GRACE)
    if serving.done():
        serving.result()


def require_free(host: str, port: int) -> None:
    """Raise Conflict if somebody listens there: granian would share the port without a word, and get half of the requests."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise Conflict(f"Port {port} of {host} cannot be used ({reason}); set SPILLWAY_PORT to another.") from error
