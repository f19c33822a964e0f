"""The embedded NATS server with JetStream: its configuration, and a client's first questions."""

import http.client
import json
from pathlib import Path

import nats.errors
from nats.aio.client import Client

from cli.local.errors import NotReady, ServerFailed
from cli.local.home import Credentials, Home, write_private
from cli.local.ports import HOST, configured_or_free, free_ports
from cli.local.programs import in_wheel
from cli.local.server import Server
from cli.local.settings import LocalSettings
from shared.platform import run_async

USER = "spillway"
OLDEST_VERSION = (2, 12)
"""Older servers ignore consumer settings that they do not know, without an error."""

_SYNC_INTERVAL = "10s"
# Postgres is the record of everything; this bounds what a power cut makes the sweeper publish again (default: 2 minutes).


def embedded_nats(settings: LocalSettings, home: Home, credentials: Credentials) -> Server:
    """Describe NATS on its configured port or a free one; raises MissingProgram or PortTaken."""
    port = configured_or_free(settings.nats_port, "SPILLWAY_NATS_PORT")
    [monitor] = free_ports(1)
    store = home.root / "nats"
    configuration = home.run / "nats.json"
    text = configuration_text(store, port, monitor, credentials.nats_password)
    address = f"nats://{USER}:{credentials.nats_password}@{HOST}:{port}"
    return Server(
        name="nats",
        command=(str(in_wheel("nats-server")), "-c", str(configuration)),
        stop_signal="SIGINT",
        prepare=lambda: _prepare(store, configuration, text),
        probe=lambda: probe(address, monitor),
        exports={"SPILLWAY_NATS_URL": address},
        folder=store,
    )


def configuration_text(store: Path, port: int, monitor: int, password: str) -> str:
    """Build the configuration file's text, so that the password stays out of the list of processes."""
    return json.dumps(
        {
            "server_name": "spillway",
            "listen": f"{HOST}:{port}",
            "http": f"{HOST}:{monitor}",
            "authorization": {"user": USER, "password": password},
            "jetstream": {"store_dir": store.as_posix(), "sync_interval": _SYNC_INTERVAL},
        },
        indent=2,
    )


def probe(address: str, monitor: int) -> None:
    """Ask for health, then connect as a client; raises ServerFailed for a server that is too old."""
    _ask_health(monitor)
    try:
        version = run_async(_connected_version(address))
    except (OSError, nats.errors.Error) as error:
        raise NotReady(f"NATS does not answer yet: {error}") from error
    if version < OLDEST_VERSION:
        raise ServerFailed(f"This NATS is {version[0]}.{version[1]}; Spillway needs 2.12 or newer.")


def _ask_health(monitor: int) -> None:
    connection = http.client.HTTPConnection(HOST, monitor, timeout=2)
    try:
        connection.request("GET", "/healthz?js-enabled-only=true")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReady(f"NATS does not answer yet: {error}") from error
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        raise NotReady(f"NATS says that it is not healthy yet (status {status}).")


async def _connected_version(address: str) -> tuple[int, int]:
    client = Client()
    try:
        await client.connect(address, allow_reconnect=False, connect_timeout=2, error_cb=_ignore)
        await client.jetstream().account_info()
        version = client.connected_server_version
        return version.major, version.minor
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """The error is raised to the caller as well; the default callback would print it on every look."""


def _prepare(store: Path, configuration: Path, text: str) -> None:
    store.mkdir(mode=0o700, exist_ok=True)
    write_private(configuration, text)
