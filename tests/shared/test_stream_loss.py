"""The stream vanishes under a running service, which neither spins nor has to be started again."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from shared import bus
from shared.contracts import STREAM, ImportRequested
from shared.database import Database
from shared.service import Platform, worker
from shared.settings import PlatformSettings
from shared.sweeper import Sweeper
from shared.topology import INGEST
from tests.support.delivering import Handler, publish, reacting, settled
from tests.support.waiting import until

pytestmark = pytest.mark.connected

PullSubscription = JetStreamContext.PullSubscription


class Fetches:
    """Counts the fetches of every worker of this process, and those that NATS refuses for want of a stream or consumer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = 0
        self.refused = 0
        fetch = PullSubscription.fetch

        async def counted(subscription: PullSubscription, *args: Any, **options: Any) -> list[Msg]:
            self.made += 1
            try:
                return await fetch(subscription, *args, **options)
            except ServiceUnavailableError:
                self.refused += 1
                raise

        monkeypatch.setattr(PullSubscription, "fetch", counted)

    async def in_a_second_of_refusals(self) -> int:
        """Fetches made in one second; the first that is refused follows a last one that lingers."""
        await until(lambda: self.refused >= 2)
        before = self.made
        await asyncio.sleep(1.0)
        return self.made - before


async def blind(sweeper: Sweeper) -> int:
    """See nothing: the real one would declare the stream again."""
    return 0


@pytest.mark.parametrize("loss", ["stream", "consumer"])
async def test_workers_rest_while_nobody_serves_and_go_on_by_themselves(
    settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    fetches = Fetches(monkeypatch)
    handler = Handler()
    monkeypatch.setattr(Sweeper, "sweep", blind)
    app = worker(Platform.build("test", settings), [reacting(INGEST, handler, workers=2)])
    async with app.start_lifespan_context(run_extra_options={}):
        await publish(stream, first := ImportRequested(job_id=uuid4()))
        await handler.called(1)
        await settled(stream, INGEST.durable)

        await (stream.delete_stream(STREAM) if loss == "stream" else stream.delete_consumer(STREAM, INGEST.durable))
        assert await fetches.in_a_second_of_refusals() <= 2 * 4

        await bus.declare(stream)
        await publish(stream, second := ImportRequested(job_id=uuid4()))
        await handler.called(2)
        await settled(stream, INGEST.durable)
    assert {event.id for event in handler.events} == {first.id, second.id}
