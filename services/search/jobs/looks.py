"""What takes long to find out is found out once for all who ask at the same time, and kept for a moment."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

SHARE = 0.1
"""Share of the time that may be spent on looking: what took 0.4 s, as counting 100,000 files does, is good for 4 s."""


class Looks:
    """The latest look at each thing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def at(self, thing: Hashable, look: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What a look at the thing says now, or said so lately that it is not worth another."""
        until, answer = self._kept.get(thing, (0.0, None))
        if self._clock() < until:
            return answer
        if thing not in self._running:
            self._running[thing] = asyncio.create_task(self._look(thing, look))
            self._running[thing].add_done_callback(lambda _: self._running.pop(thing))
        return await asyncio.shield(self._running[thing])  # who gives up waiting takes the answer from nobody

    async def _look(self, thing: Hashable, look: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        began = self._clock()
        answer = await look()
        ended = self._clock()
        self._kept = {known: kept for known, kept in self._kept.items() if kept[0] > ended}
        self._kept[thing] = (ended + (ended - began) / SHARE, answer)
        return answer
