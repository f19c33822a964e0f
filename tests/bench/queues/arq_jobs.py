"""Arq's side; its worker imports this module."""

import asyncio
from typing import Any, ClassVar

import arq
from arq.connections import RedisSettings

from tests.bench.queues.job import KEY, redis_url


async def handle(context: dict[str, Any], body: str) -> None:
    """Do the job."""
    await context["redis"].incr(KEY)


class WorkerSettings:
    """Arq's own defaults, except that no results are kept."""

    functions: ClassVar = [handle]
    redis_settings = RedisSettings.from_dsn(redis_url())
    keep_result = 0


async def _enqueue(bodies: list[str]) -> None:
    pool = await arq.create_pool(WorkerSettings.redis_settings)
    for body in bodies:
        await pool.enqueue_job("handle", body)
    await pool.aclose()


def enqueue(bodies: list[str]) -> None:
    """Fill the queue."""
    asyncio.run(_enqueue(bodies))
