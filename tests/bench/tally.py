"""Counts what a side handled and stops the clocks at the last one."""

import asyncio
import time
from uuid import UUID

DONE_WITHIN = 180.0


class Unequal(Exception):
    """A side did not handle each message exactly once, so its time says nothing."""


class Tally:
    """Of `expected` messages: which were handled, and the seconds from the first to the last."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._seen: list[UUID] = []
        self._began = self._ended = (0.0, 0.0)
        self._all = asyncio.Event()

    def note(self, identifier: UUID) -> None:
        """One message is handled."""
        if not self._seen:
            self._began = _clocks()
        self._seen.append(identifier)
        if len(self._seen) == self._expected:
            self._ended = _clocks()
            self._all.set()

    async def wait(self) -> None:
        """Until the last is handled; raises Unequal if that takes more than `DONE_WITHIN` seconds."""
        try:
            await asyncio.wait_for(self._all.wait(), DONE_WITHIN)
        except TimeoutError as error:
            raise Unequal(f"Only {len(self._seen)} of {self._expected} messages were handled.") from error

    def figures(self) -> dict[str, float]:
        """Messages per second between the first and the last, and this process's CPU per message in microseconds.

        Raises Unequal unless each was handled once.
        """
        if len(self._seen) != self._expected or len(set(self._seen)) != self._expected:
            raise Unequal(f"{len(self._seen)} messages handled, {len(set(self._seen))} different, {self._expected} expected.")
        wall, busy = (ended - began for began, ended in zip(self._began, self._ended, strict=True))
        return {"rate": (self._expected - 1) / wall, "cpu": busy * 1e6 / (self._expected - 1)}


def _clocks() -> tuple[float, float]:
    """The wall clock and this process's CPU clock."""
    return time.perf_counter(), time.process_time()
