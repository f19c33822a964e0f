"""The gateway as a process."""

import gc
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cli.local.ports import free_ports
from services.search.server import settle
from shared.database import Database
from shared.platform import terminate
from shared.settings import PlatformSettings
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def process(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A gateway on the servers of the environment."""
    own = {**os.environ, **environment, "SPILLWAY_PORT": str(port)}
    command = [sys.executable, "-m", "services.search"]
    with subprocess.Popen(command, cwd=ROOT, env=own, stderr=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_it_serves_and_stops_though_somebody_listens(
    stack_environment: dict[str, str], database: Database, tmp_path: Path
) -> None:
    """And where nobody was yet, there is somebody who can sign in."""
    [port] = free_ports(1)
    file = tmp_path / "credentials.json"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        with process({**stack_environment, "SPILLWAY_SEARCH_CREDENTIALS_FILE": str(file)}, port) as gateway:
            await until_so(lambda: answers(client), within=30)
            client.headers["Authorization"] = f"Bearer {json.loads(file.read_text())['api_key']}"
            async with client.stream("GET", "/api/events") as events:
                lines = events.aiter_lines()
                assert await anext(lines) == ": ping"
                terminate(gateway.pid)
                assert "event: stream.end" in [line async for line in lines]
            assert gateway.wait(15) == 0


async def test_a_port_that_is_taken_is_told_in_words(stack_environment: dict[str, str], settings: PlatformSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with process(stack_environment, port) as gateway:
            _, log = gateway.communicate(timeout=30)
    assert gateway.returncode != 0
    assert f"Port {port} of 127.0.0.1 cannot be used" in log.decode()


def test_what_is_there_when_the_gateway_begins_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    try:
        settle()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
