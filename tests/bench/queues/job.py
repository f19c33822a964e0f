"""The job of every queue: one Redis INCR, the least that leaves a trace of each time it ran."""

import os

URL_VARIABLE = "BENCH_REDIS_URL"
KEY = "bench:handled"
"""Counts the jobs done."""


def redis_url() -> str:
    """Where the queues and the counter are; the benchmark sets it for the workers it starts."""
    return os.environ[URL_VARIABLE]
