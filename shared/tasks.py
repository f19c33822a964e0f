"""Tasks in the background: what is looked after every so often, and how tasks end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import structlog

from shared.errors import Unavailable

log = structlog.get_logger()

AGAIN = 0.5
"""Seconds until a task that goes on is cancelled once more."""


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they are done: `wait_for` of Python 3.11 loses a cancellation that meets the awaited answer."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN)


@asynccontextmanager
async def repeated(look: Callable[[], Awaitable[object]], *, every: float, doing: str) -> AsyncIterator[None]:
    """Look after something now and every so many seconds, for as long as the block lasts.

    What goes wrong is told in the log and tried again the next time; it stops nothing that matters more.
    """

    async def run() -> NoReturn:
        while True:
            try:
                await look()
            except Unavailable as error:
                log.warning("waits for the next time", doing=doing, reason=str(error))
            except Exception:
                log.exception("failed until the next time", doing=doing)
            await asyncio.sleep(every)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        await ended([task])
