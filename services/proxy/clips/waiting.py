"""Work on a clip: those who wait for it see how far it is, and it ends when nobody waits any more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.proxy.clips import repository
from services.proxy.clips.repository import Clip
from shared.database import Database
from shared.errors import Superseded, Unavailable
from shared.tasks import ended
from shared.working import FIRST_LOOK, LOOK, Report

T = TypeVar("T")


async def waited_for(database: Database, clip: Clip, work: Callable[[Report], Awaitable[T]]) -> T:
    """The result of the work; cancels it, calls the job off and raises Superseded once no link shares the clip."""
    told: tuple[float, float | None] = (0.0, None)

    def report(done: float, total: float | None) -> None:
        nonlocal told
        told = (done, total)

    task = asyncio.ensure_future(work(report))
    pause = FIRST_LOOK
    try:
        while not (await asyncio.wait({task}, timeout=pause))[0]:
            pause = LOOK
            await require_wanted(database, clip, *told)
        return task.result()
    finally:
        await ended([task])


async def require_wanted(database: Database, clip: Clip, done: float = 0.0, total: float | None = None) -> None:
    """Show how far the clip is; calls its job off and raises Superseded if no link shares it."""
    try:
        async with database.transaction() as connection:
            is_wanted = await repository.note(connection, clip.job_id, done, total)
            is_over = not is_wanted and await repository.call_off(connection, clip.job_id)
    except Unavailable:
        return  # work goes on while Postgres is away; whether it counts is asked at its end
    if is_over:
        raise Superseded(clip.file_id, clip.revision)
