"""Waiting for what will happen, without sleeping for longer than it takes."""

import asyncio
from collections.abc import Awaitable, Callable

INTERVAL = 0.02


async def until(condition: Callable[[], bool], *, within: float = 10.0) -> None:
    """Wait for a condition of this process; raises TimeoutError."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(INTERVAL)


async def until_so(condition: Callable[[], Awaitable[bool]], *, within: float = 10.0) -> None:
    """Wait for a condition that a server has to be asked for; raises TimeoutError."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - a server tells nobody
            await asyncio.sleep(INTERVAL)
