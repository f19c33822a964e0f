"""Several pieces of work at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from shared.errors import Permanent, Transient, Unavailable
from shared.gathering import gathered


class Works:
    """Pieces of work that end when they are told to; notes which began, and which ended well."""

    def __init__(self, count: int) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.ends = [asyncio.get_running_loop().create_future() for _ in range(count)]

    def all(self) -> list[Callable[[], Awaitable[str]]]:
        return [partial(self._work, place) for place in range(len(self.ends))]

    async def note(self, place: int) -> None:
        self.done.append(place)

    async def _work(self, place: int) -> str:
        self.begun.append(place)
        result: str = await self.ends[place]
        return result


async def settled() -> None:
    """Until everything that can go on has done so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_so_many_at_a_time_and_results_in_order() -> None:
    works = Works(3)
    task = asyncio.create_task(gathered(works.all(), 2, works.note))
    await settled()
    assert works.begun == [0, 1]
    works.ends[1].set_result("b")
    await settled()
    assert (works.begun, works.done) == ([0, 1, 2], [1])
    works.ends[2].set_result("c")
    works.ends[0].set_result("a")
    assert await task == ["a", "b", "c"]
    assert works.done == [1, 2, 0]


async def test_after_a_failure_nothing_begins_and_what_is_under_way_ends() -> None:
    works = Works(3)
    task = asyncio.create_task(gathered(works.all(), 2, works.note))
    await settled()
    works.ends[0].set_exception(Transient("not now"))
    await settled()
    assert not task.done()
    works.ends[1].set_result("b")
    with pytest.raises(Transient, match="not now"):
        await task
    assert (works.begun, works.done) == ([0, 1], [1])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_error_that_nothing_helps_is_raised(order: tuple[int, ...]) -> None:
    works = Works(3)
    task = asyncio.create_task(gathered(works.all(), 3, works.note))
    await settled()
    errors = [Unavailable("away"), Transient("not now"), Permanent("never")]
    for place in order:
        works.ends[place].set_exception(errors[place])
        await settled()
    with pytest.raises(Permanent, match="never"):
        await task
