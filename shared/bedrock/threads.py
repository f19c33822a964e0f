"""Threads for calls that may take an hour: so many at a time, and none that keeps a process from ending."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Runs functions in threads of its own. Those that are still at it when the process ends end with it.

    The event loop's own executor would be full of calls that wait, and is waited for at the end.
    """

    def __init__(self, at_a_time: int) -> None:
        self._turns = asyncio.Semaphore(at_a_time)

    async def run(self, function: Callable[[], T]) -> T:
        """The function's result. If the caller is cancelled meanwhile, the thread goes on and keeps its turn."""
        await self._turns.acquire()
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()

        def settle(value: T | None, error: BaseException | None) -> None:
            self._turns.release()
            if result.cancelled():
                return
            if error is None:
                result.set_result(value)  # type: ignore[arg-type] # None only where T is
            else:
                result.set_exception(error)

        def carry_out() -> None:
            value, error = None, None
            try:
                value = function()
            except BaseException as fault:
                error = fault
            with suppress(RuntimeError):  # the loop is closed: the process ends
                loop.call_soon_threadsafe(settle, value, error)

        threading.Thread(target=carry_out, name="bedrock", daemon=True).start()
        return await result
