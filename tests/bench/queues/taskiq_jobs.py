"""Taskiq's side, on Redis streams; its worker imports this module."""

import asyncio

from redis.asyncio import Redis
from taskiq_redis import RedisStreamBroker

from tests.bench.queues.job import KEY, redis_url

broker = RedisStreamBroker(url=redis_url())
counter = Redis.from_url(redis_url())


async def handle(body: str) -> None:
    """Do the job."""
    await counter.incr(KEY)


task = broker.task(task_name="handle")(handle)


async def _enqueue(bodies: list[str]) -> None:
    await broker.startup()
    for body in bodies:
        await task.kiq(body)
    await broker.shutdown()


def enqueue(bodies: list[str]) -> None:
    """Fill the queue."""
    asyncio.run(_enqueue(bodies))
