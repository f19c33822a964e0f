"""Makes the tables of search anew when somebody asks for it."""

import asyncio
from itertools import count

from services.nova.rebuilding import shadow
from services.nova.rebuilding.plans import CalledOff, Phase, pause
from services.nova.rebuilding.progress import Progress
from services.nova.rebuilding.rebuild import Means, Rebuild, alone, begun, patiently
from services.nova.rebuilding.shadow import Busy
from services.nova.rebuilding.swapping import hold_writers, swap
from shared import jobs, outbox, topology
from shared.contracts import RebuildCompleted, RebuildFailed, RebuildRequested
from shared.database import Connection, Database
from shared.effects import Effects
from shared.errors import AlreadyApplied, Permanent
from shared.jobs import Job

UNHURRIED = 3
"""Tries to swap in a moment in which nobody happens to write."""


async def on_rebuild_requested(event: RebuildRequested, means: Means, effects: Effects) -> None:
    """Make the tables anew beside those that searches read, and put them in their place; or only say what would change."""
    progress = Progress(means.database, event.job_id)
    await patiently(means.database, shadow.drop_replaced)  # which a worker that was killed after its swap has left
    async with means.database.connection() as connection:
        if (await jobs.find(connection, event.job_id)).state == "pending":
            await jobs.start(connection, event.job_id)
    try:
        async with alone(means.database, progress):
            await attempted(await still_wanted(event, means.database), event, means, effects, progress)
    except CalledOff:
        await clear(event, means.database)


async def attempted(job: Job, event: RebuildRequested, means: Means, effects: Effects, progress: Progress) -> None:
    """Carry the rebuild out; what will fail each time ends it, and leaves everything as it was."""
    try:
        rebuild = await begun(means, job, progress)
        if job.request.get("dry_run"):
            await rebuild.compare()
            await clear(event, means.database)
            await conclude(event, effects)
        else:
            await rebuild.gather()
            await rebuild.index()
            await take_place(rebuild, event, means, effects, progress)
    except Permanent as error:
        await clear(event, means.database)
        async with effects.begin() as effect:  # not applied: it may be sent again
            await fail(effect.connection, event, str(error), effect.service)


async def take_place(rebuild: Rebuild, event: RebuildRequested, means: Means, effects: Effects, progress: Progress) -> None:
    """Swap as soon as nobody uses the tables and nothing was changed meanwhile; in the end, whoever stores vectors waits."""
    for tries in count(1):
        await rebuild.gather()
        await progress.begin(Phase.SWAPPING)
        try:
            async with effects.once(event) as effect:
                if tries > UNHURRIED:  # somebody always writes: let them wait for the last files
                    await hold_writers(effect, tries)
                    await rebuild.gather()
                await swap(effect, event.job_id, rebuild.models, tries)
                await jobs.finish(effect.connection, event.job_id, "done")
        except Busy:
            await asyncio.sleep(pause(tries))
        else:
            break
    await patiently(means.database, shadow.drop_replaced)


async def still_wanted(event: RebuildRequested, database: Database) -> Job:
    """The job; raises CalledOff if it was cancelled or has failed, AlreadyApplied if it is done, NotFound if there is none."""
    async with database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
    if job.state == "done":
        raise AlreadyApplied(event.id)
    if job.finished_at is not None:
        raise CalledOff
    return job


async def conclude(event: RebuildRequested, effects: Effects) -> None:
    """The end of a rebuild that was only to say what would change."""
    async with effects.once(event) as effect:
        if await jobs.finish(effect.connection, event.job_id, "done"):
            await effect.emit(RebuildCompleted(job_id=event.job_id, done=0, skipped=0, failed=0))


async def clear(event: RebuildRequested, database: Database) -> None:
    """Remove what the job has begun to make."""

    async def remove(connection: Connection) -> None:
        await remove_own(connection, event)

    await patiently(database, remove)


async def remove_own(connection: Connection, event: RebuildRequested) -> None:
    """Remove the shadow tables if they are of this job, in a transaction."""
    found = await shadow.begun_by(connection)
    if found and found[0] == event.job_id:
        await shadow.drop(connection)


async def on_buried(connection: Connection, event: RebuildRequested, reason: str) -> None:
    """Say that a rebuild was given up, and leave everything as it was."""
    await shadow.wait_briefly(connection, 1)
    await remove_own(connection, event)
    await fail(connection, event, reason, topology.REBUILD.durable)


async def fail(connection: Connection, event: RebuildRequested, reason: str, source: str) -> None:
    """Note why there is no rebuild, unless it has ended otherwise."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await outbox.enqueue(connection, RebuildFailed(job_id=event.job_id, reason=reason), source=source)
