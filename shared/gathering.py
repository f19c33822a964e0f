"""Several pieces of work at a time, of which each that was begun is brought to its end."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from shared.errors import Permanent, Unavailable

T = TypeVar("T")


async def gathered(
    works: Sequence[Callable[[], Awaitable[T]]], most: int, done: Callable[[int], Awaitable[None]] | None = None
) -> list[T]:
    """The results in order, at most so many at work at a time; `done` is told the place of each that has ended well.

    After a failure nothing is begun any more, but what is under way goes on: it is paid for. Of several errors the one that
    nothing will help is raised, else one that passes, else that something is away.
    """
    waiting, failures, results = deque(enumerate(works)), list[Exception](), dict[int, T]()

    async def worker() -> None:
        while waiting and not failures:
            place, work = waiting.popleft()
            try:
                results[place] = await work()
            except Exception as error:  # kept until all have ended, and raised then
                failures.append(error)
            else:
                if done:
                    await done(place)

    await asyncio.gather(*(worker() for _ in range(min(most, len(works)))))
    if failures:
        raise min(failures, key=_hope)
    return [results[place] for place in range(len(works))]


def _hope(error: Exception) -> int:
    return 0 if isinstance(error, Permanent) else 2 if isinstance(error, Unavailable) else 1
