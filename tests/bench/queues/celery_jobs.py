"""Celery's side; its worker imports this module."""

import redis
from celery import Celery

from tests.bench.queues.job import KEY, redis_url

app = Celery("bench", broker=redis_url())
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
counter = redis.Redis.from_url(redis_url())


def handle(body: str) -> None:
    """Do the job."""
    counter.incr(KEY)


task = app.task(name="handle")(handle)


def enqueue(bodies: list[str]) -> None:
    """Fill the queue."""
    with app.producer_or_acquire() as producer:
        for body in bodies:
            task.apply_async((body,), producer=producer)
