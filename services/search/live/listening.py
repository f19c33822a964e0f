"""What one listener is told: what it missed, from a consumer of its own; then what all are told, from the ring."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from services.search.live.facts import PING, Fact, Wanted, ending
from services.search.live.feed import following
from services.search.live.hub import Hub
from services.search.live.job_watches import JobWatch
from services.search.live.places import Place

WAIT = 15.0
"""Seconds of silence after which a comment is sent."""
LOOK = 10.0
"""Seconds at least between two looks at whether the listener still may; less than the silence, so that one comes with each."""
MOST = 200
"""Facts in one write."""
LATE = "You read more slowly than events happen. Come back with Last-Event-ID, and you will be told what you have missed."
LET_OUT = "Your session or key has ended, or may read no more. Sign in again, or use another key."
OVER = "The gateway stops. Come back with Last-Event-ID, and you will be told what you have missed."


@dataclass
class Listener:
    """One who listens; `wake` is set when there may be something to tell, `may_listen` says whether he still may."""

    hub: Hub
    wanted: Wanted
    wake: asyncio.Event
    may_listen: Callable[[], Awaitable[bool]]
    job: JobWatch | None = None
    seen: int = 0
    """The number of the next fact in the ring."""
    shown: int = 0
    """The number of the last frame about the job."""
    looked: float = field(default_factory=time.monotonic)
    """When it was last looked whether he may listen."""

    async def told(self, after: Place | None) -> AsyncIterator[bytes]:
        """What goes over the wire, until the listener is too far behind, may listen no more, or the gateway stops."""
        while not self.hub.ready.is_set():
            if self.hub.over:
                yield ending(OVER)
                return
            if not await self._awake():
                yield b": waiting for the events\n\n"
        now = self.hub.ring.newest
        yield PING
        if after is None or not self.wanted.is_of_the_stream:
            self.seen = now
        else:
            async for missed in self._missed(after):
                yield missed
        async for news in self._news():
            yield news

    async def _missed(self, place: Place) -> AsyncIterator[bytes]:
        """What was told after the place and before what the ring still has."""
        while (number := self.hub.ring.number_after(self._known(place))) is None:
            target = self.hub.ring.last
            async with following(self.hub.stream, self.wanted.filters(), place) as feed:
                async for facts in feed.batches():
                    assert feed.after is not None
                    place = feed.after
                    yield await self._written(facts) or PING
                    if not feed.pending:
                        break
                else:  # the gateway stops
                    number = self.hub.ring.newest
                    break
            if place.stream == target.stream:  # all up to the target was there to be asked for
                place = max(place, target)
        self.seen = number

    def _known(self, place: Place) -> Place:
        """The place with the mark of the stream of today, if it has none."""
        last = self.hub.ring.last
        return place if place.stream else Place(min(place.sequence, last.sequence), last.stream)

    async def _news(self) -> AsyncIterator[bytes]:
        while not self.hub.over:
            if not await self._is_let_in():
                yield ending(LET_OUT)
                return
            ring = self.hub.ring
            if self.seen < ring.oldest:
                yield ending(LATE)
                return
            facts = ring.facts(self.seen, MOST)
            self.seen += len(facts)
            told = await self._written(facts) + self._progress()
            if told:
                yield told
            elif not facts and not await self._awake():
                yield PING
        yield ending(OVER)

    async def _is_let_in(self) -> bool:
        now = time.monotonic()
        if now - self.looked < LOOK:
            return True
        self.looked = now
        return await self.may_listen()

    async def _written(self, facts: Sequence[Fact]) -> bytes:
        jobs = await self.hub.jobs_of_files(facts) if self.wanted.job_id else {}
        return b"".join([fact.wire for fact in facts if self.wanted.admits(fact, jobs)])

    def _progress(self) -> bytes:
        if self.job is None or self.job.number == self.shown:
            return b""
        self.shown = self.job.number
        return self.job.frame

    async def _awake(self) -> bool:
        """Wait until there may be something; False if there was nothing for a while."""
        self.wake.clear()
        if self.seen < self.hub.ring.newest or self.hub.over:
            return True
        try:
            await asyncio.wait_for(self.wake.wait(), WAIT)
        except TimeoutError:
            return False
        return True
