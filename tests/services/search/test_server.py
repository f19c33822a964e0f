"""The gateway as a process."""

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
    stack_environment: dict[str, str], settings: PlatformSettings
) -> None:
    [port] = free_ports(1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        with process(stack_environment, port) as gateway:
            await until_so(lambda: answers(client), within=30)
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
