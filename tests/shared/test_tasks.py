"""The end of tasks."""

import asyncio

from shared.tasks import ended


async def test_a_task_that_loses_a_cancellation_is_cancelled_again() -> None:
    losses = 0

    async def stubborn() -> None:
        nonlocal losses
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                losses += 1
                if losses > 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await ended([task])
    assert task.cancelled()
    assert losses == 3


async def test_what_has_ended_stays_as_it_is() -> None:
    async def quick() -> int:
        return 7

    task = asyncio.create_task(quick())
    await task
    await ended([task])
    assert task.result() == 7
