"""The servers of a benchmark: the embedded stack in a folder of its own, and a Redis for the queues where one is installed."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from cli.local.ports import HOST, free_ports
from shared.platform import start_group, terminate

REDIS_PROGRAMS = ("redis-server", "valkey-server")
START_WITHIN = 10.0
"""Seconds; Redis needs a tenth of one."""


def find_redis() -> str | None:
    """A Redis server on the path, None if there is none."""
    return next((found for found in map(shutil.which, REDIS_PROGRAMS) if found), None)


@contextmanager
def running_redis(program: str, folder: Path) -> Iterator[str]:
    """A Redis in memory alone, which is its fastest, on a free port of this machine; yields its address."""
    [port] = free_ports(1)
    folder.mkdir()
    command = [program, "--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = start_group(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"redis://{HOST}:{port}/0"
        _wait_for_redis(url)
        yield url
    finally:
        terminate(process.pid)
        process.wait()


def _wait_for_redis(url: str) -> None:
    deadline = time.monotonic() + START_WITHIN
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.exceptions.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
