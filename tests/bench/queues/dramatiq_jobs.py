"""Dramatiq's side; its worker imports this module."""

from typing import Any

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from tests.bench.queues.job import KEY, redis_url

make_broker: Any = RedisBroker  # which has no annotations
dramatiq.set_broker(make_broker(url=redis_url()))
counter = redis.Redis.from_url(redis_url())


def handle(body: str) -> None:
    """Do the job."""
    counter.incr(KEY)


actor = dramatiq.actor(handle)


def enqueue(bodies: list[str]) -> None:
    """Fill the queue."""
    for body in bodies:
        actor.send(body)
