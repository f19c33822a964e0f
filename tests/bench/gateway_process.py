"""Servers of HTTP that are measured, each a process of its own: the gateway as it is, and what it is compared with."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cli.credentials import key_in
from cli.local.ports import HOST, free_ports
from cli.local.settings import PROJECT_ROOT
from cli.local.supervisor import service_environment
from shared.platform import start_group, terminate
from tests.bench.task import MeasurementFailed

READY_WITHIN = 60.0
LOOK_EVERY = 0.1
UNLIMITED = {
    "SPILLWAY_SEARCH_READS_PER_SECOND": "1000000",
    "SPILLWAY_SEARCH_EXPENSIVE_PER_SECOND": "1000000",
}
"""Requests are counted as ever, but one address may ask as often as it likes, as here all come from one."""


@dataclass(frozen=True)
class Serving:
    """A server under way; `headers` are what its requests need."""

    port: int
    pid: int
    headers: tuple[tuple[str, str], ...] = ()

    def get(self, path: str) -> httpx.Response:
        """One answer; raises MeasurementFailed if it is no success."""
        answer = httpx.get(f"http://{HOST}:{self.port}{path}", headers=dict(self.headers), trust_env=False, timeout=60)
        if not answer.is_success:
            raise MeasurementFailed(f"{path} was answered with {answer.status_code}: {answer.text[:500]}")
        return answer


@contextmanager
def gateway(environment: Mapping[str, str], folder: Path) -> Iterator[Serving]:
    """The gateway, with all that stands before its routes, and a key of its first administrator."""
    [port] = free_ports(1)
    credentials = folder / "credentials.json"
    own = {**UNLIMITED, "SPILLWAY_PORT": str(port), "SPILLWAY_SEARCH_CREDENTIALS_FILE": str(credentials)}
    with _started(["services.search"], {**environment, **own}, port, "/readyz", folder) as pid:
        yield Serving(port, pid, tuple(key_in(credentials).headers.items()))


@contextmanager
def peer(name: str, environment: Mapping[str, str], folder: Path, path: str) -> Iterator[Serving]:
    """A peer of the list of files, which answers this path."""
    [port] = free_ports(1)
    with _started(["tests.bench.list_side", name, str(port)], environment, port, path, folder) as pid:
        yield Serving(port, pid)


@contextmanager
def _started(module: list[str], environment: Mapping[str, str], port: int, path: str, folder: Path) -> Iterator[int]:
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        process = start_group(
            [sys.executable, "-m", *module],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=PROJECT_ROOT,
            env=service_environment(environment, {}),
        )
        try:
            _wait(process, f"http://{HOST}:{port}{path}", log)
            yield process.pid
        finally:
            terminate(process.pid)
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(LOOK_EVERY)
    raise MeasurementFailed(f"{url} does not answer; the end of its log:\n{log.read_text(errors='replace')[-2000:]}")
