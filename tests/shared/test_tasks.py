"""Tasks in the background, and their end."""

import asyncio

from shared.errors import Unavailable
from shared.tasks import ended, repeated
from tests.support.waiting import until


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


async def test_what_is_repeated_outlives_what_goes_wrong_and_ends_with_its_block() -> None:
    looks = list[int]()

    async def look() -> None:
        looks.append(1)
        match len(looks):
            case 1:
                raise Unavailable("Postgres is away.")
            case 2:
                raise ValueError("a bug")

    before = asyncio.all_tasks()
    async with repeated(look, every=0.001, doing="looking"):
        await until(lambda: len(looks) > 3)
    assert asyncio.all_tasks() <= before
