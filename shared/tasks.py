"""The end of tasks."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN = 0.5
"""Seconds until a task that goes on is cancelled once more."""


async def ended(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they are done: `wait_for` of Python 3.11 loses a cancellation that meets the awaited answer."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN)
