"""The task queues: each with its own worker program, on a queue that was filled beforehand."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from cli.local.settings import PROJECT_ROOT
from shared.platform import kill_group, start_group, terminate
from tests.bench import feed
from tests.bench.queues.job import KEY, URL_VARIABLE
from tests.bench.tally import Unequal

LOOK_EVERY = 0.005
"""Seconds between looks at the counter: a thousandth of what is timed."""
DONE_WITHIN = 180.0
STOPS_WITHIN = 10.0
LINGER = 0.3
"""Seconds after the last job in which one that runs twice would show."""


@dataclass(frozen=True)
class Peer:
    """A task queue: its worker's command, after `python -m`."""

    name: str
    jobs: str
    worker: tuple[str, ...]


PEERS = (
    Peer(
        "celery, 2 processes",
        "tests.bench.queues.celery_jobs",
        ("celery", "-A", "tests.bench.queues.celery_jobs", "worker", "--pool", "prefork", "--concurrency", "2"),
    ),
    Peer(
        "dramatiq, 8 threads",
        "tests.bench.queues.dramatiq_jobs",
        ("dramatiq", "tests.bench.queues.dramatiq_jobs", "--processes", "1", "--threads", "8"),
    ),
    Peer("arq", "tests.bench.queues.arq_jobs", ("arq", "tests.bench.queues.arq_jobs.WorkerSettings")),
    Peer(
        "taskiq, 1 process",
        "tests.bench.queues.taskiq_jobs",
        ("taskiq", "worker", "tests.bench.queues.taskiq_jobs:broker", "--workers", "1"),
    ),
    Peer(
        "taskiq, 2 processes",
        "tests.bench.queues.taskiq_jobs",
        ("taskiq", "worker", "tests.bench.queues.taskiq_jobs:broker", "--workers", "2"),
    ),
)


def measure_peer(peer: Peer, messages: int, url: str, log: Path) -> dict[str, float]:
    """Jobs per second from the first to the last; raises Unequal unless each ran once."""
    with redis.Redis.from_url(url) as client:
        client.flushall()
        _fill(peer, messages, url, log)
        with _working(peer, url, log):
            rate = _watch(client, messages)
            time.sleep(LINGER)
            handled = _count(client)
    if handled != messages:
        raise Unequal(f"{peer.name} ran {handled} jobs, {messages} were asked for.")
    return {"rate": rate}


def _fill(peer: Peer, messages: int, url: str, log: Path) -> None:
    bodies = json.dumps([event.model_dump_json() for event in feed.events(messages)])
    with log.open("ab") as output:
        subprocess.run(
            [sys.executable, "-m", "tests.bench.queues.fill", peer.jobs],
            input=bodies.encode(),
            stdout=output,
            stderr=output,
            cwd=PROJECT_ROOT,
            env={**os.environ, URL_VARIABLE: url},
            check=True,
        )


@contextmanager
def _working(peer: Peer, url: str, log: Path) -> Iterator[None]:
    environment = {**os.environ, URL_VARIABLE: url, "PYTHONPATH": str(PROJECT_ROOT)}
    with log.open("ab") as output:
        command = [sys.executable, "-m", *peer.worker]
        process = start_group(command, stdout=output, stderr=output, cwd=PROJECT_ROOT, env=environment)
    try:
        yield
    finally:
        terminate(process.pid)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def _watch(client: redis.Redis, messages: int) -> float:
    """The rate between the first look that finds a job done and the one that finds all."""
    deadline = time.monotonic() + DONE_WITHIN
    while not (already := _count(client)):
        _pause(deadline, already, messages)
    began = time.perf_counter()
    while (handled := _count(client)) < messages:
        _pause(deadline, handled, messages)
    return (messages - already) / (time.perf_counter() - began)


def _pause(deadline: float, handled: int, messages: int) -> None:
    if time.monotonic() > deadline:
        raise Unequal(f"Only {handled} of {messages} jobs were done within {DONE_WITHIN:.0f} seconds.")
    time.sleep(LOOK_EVERY)


def _count(client: redis.Redis) -> int:
    value: Any = client.get(KEY)
    return int(value or 0)
