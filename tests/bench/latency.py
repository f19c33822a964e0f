"""From publish to handler: single events, one at a time, in milliseconds."""

import asyncio
import time
from statistics import quantiles

from shared import bus
from shared.bus import consumer_config
from shared.clock import utc_now
from shared.contracts import STREAM, FileIngested
from shared.outbox import cloud_event_headers
from shared.settings import PlatformSettings
from shared.topology import Consumer
from tests.bench import feed
from tests.bench.consumers import SERVICE, Consume, Run, by_hand, faststream, spillway
from tests.bench.task import Task
from tests.support.cleaning import fresh_stream

SIDES: dict[str, Consume] = {"nats-py, fetch(1)": by_hand, "FastStream": faststream, "Spillway": spillway}

WARM_UP = 50
"""Events before the clock: connections, caches and the server's first writes."""
ARRIVES_WITHIN = 10.0


class Arrival:
    """When the event under way was handled."""

    def __init__(self) -> None:
        self._future: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def note(self, event: FileIngested) -> None:
        """The event is handled now."""
        self._future.set_result(time.perf_counter())

    async def next(self) -> float:
        """The moment of the event under way; raises TimeoutError, and InvalidStateError if one event was handled twice."""
        moment = await asyncio.wait_for(self._future, ARRIVES_WITHIN)
        self._future = asyncio.get_running_loop().create_future()
        return moment


async def measure(task: Task) -> dict[str, float]:
    """Median and 99th percentile of one side."""
    settings = PlatformSettings()
    consumer = Consumer(f"bench-{task.round}", (FileIngested,))
    arrival = Arrival()
    client = await bus.connect(settings.nats_url.get_secret_value(), name=SERVICE)
    try:
        stream = client.jetstream()
        await fresh_stream(stream)
        await stream.add_consumer(STREAM, consumer_config(consumer))
        async with SIDES[task.side](Run(settings, consumer, task.workers, arrival.note)):
            delays = []
            for event in feed.events(WARM_UP + task.messages):
                body, headers = event.model_dump_json().encode(), cloud_event_headers(event, utc_now(), SERVICE)
                began = time.perf_counter()
                await stream.publish(event.address, body, headers=headers)
                delays.append(await arrival.next() - began)
    finally:
        await client.close()
    percentiles = quantiles(delays[WARM_UP:], n=100)
    return {"p50": percentiles[49] * 1000, "p99": percentiles[98] * 1000}
