"""The consumer behind the events, when what it delivers does not arrive."""

import asyncio
from uuid import uuid4

import pytest
from nats.js import JetStreamContext

from services.search.live import feed as feeds
from services.search.live.feed import following
from services.search.live.places import Place
from shared.contracts import STREAM, Kind, ProxyReady
from tests.support.delivering import publish

pytestmark = pytest.mark.connected


def ready() -> ProxyReady:
    return ProxyReady(file_id=uuid4(), revision=1, kind=Kind.VIDEO, renditions={}, has_speech_track=True)


@pytest.mark.parametrize("more", [0, 2])
async def test_what_is_lost_on_the_way_is_told_nevertheless(
    stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    monkeypatch.setattr(feeds, "WAIT", 0.5)
    async with following(stream, [], None) as feed:
        batches = feed.batches()
        assert await anext(batches) == []
        [consumer] = [info.name for info in await stream.consumers_info(STREAM) if info.name.startswith("follower-")]
        await publish(stream, ready(), ready())
        thief = await stream.pull_subscribe_bind(stream=STREAM, name=consumer)
        assert len(await thief.fetch(2)) == 2
        await publish(stream, *(ready() for _ in range(more)))
        told: list[Place] = []
        async with asyncio.timeout(20):
            while len(told) < 2 + more:
                told += [fact.place for fact in await anext(batches)]
    assert [place.sequence for place in told] == list(range(1, 3 + more))
