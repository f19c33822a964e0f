"""What the proxy service does to keep object store and library in accord: compares them, and mends what is approved."""

from collections.abc import Mapping, Sequence

from services.proxy.reconcile import repository
from services.proxy.reconcile.findings import PREFIX, REMOVED, UNDER_WAY, USED_AGAIN, outdated, owner_of
from services.proxy.reconcile.listing import read_listing, write_listing
from shared import batch_requests, jobs, outbox, topology
from shared.analyses import NOBODY
from shared.batch_requests import BatchRequest
from shared.contracts import (
    JobEvent,
    ReconcileApproved,
    ReconcileCompleted,
    ReconcileFailed,
    ReconcileRequested,
    Stage,
    StageState,
)
from shared.database import Connection
from shared.effects import Effect
from shared.errors import AlreadyApplied
from shared.identifiers import derived_id
from shared.jobs import Job
from shared.service import Platform
from shared.workspace import workspace

AT_ONCE = 1000
"""Objects removed in one request: the most that S3 takes."""


async def on_reconcile_requested(event: ReconcileRequested, platform: Platform) -> None:
    """Compare the object store with the library, and report; what the request approves beforehand is mended at once."""
    job = await begin(event, platform)
    async with platform.database.connection() as connection:
        began = await repository.now(connection)
    with workspace() as folder:
        listing = folder / "listing"
        await write_listing(platform.blobs, PREFIX, listing)
        async with platform.effects.once(event) as effect:
            await repository.load_listing(effect.connection, read_listing(listing))
            old = outdated(await repository.known_recipes(effect.connection))
            sums = await repository.compare(effect.connection, job.id, began, old)
            await report(job, sums, effect)


async def on_reconcile_approved(event: ReconcileApproved, platform: Platform) -> None:
    """Remove what nobody uses, and have a batch make anew what is missing or differs; a second delivery goes on."""
    await begin(event, platform)
    while True:
        async with platform.effects.begin() as effect:
            keys = await repository.pending_orphans(effect.connection, event.job_id, AT_ONCE)
            if not keys:
                break
            await remove(keys, event, effect, platform)
    async with platform.effects.once(event) as effect:
        await hand_over(event, effect)
        await complete(event, effect)


async def on_buried(connection: Connection, event: ReconcileRequested | ReconcileApproved, reason: str) -> None:
    """Say that a reconciliation was given up, unless it has ended."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        fact = ReconcileFailed(job_id=event.job_id, reason=reason)
        await outbox.enqueue(connection, fact, source=topology.RECONCILE.durable)


async def begin(event: JobEvent, platform: Platform) -> Job:
    """The job, noted as running; raises AlreadyApplied if it is reported or has ended, NotFound if there is none."""
    async with platform.database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
        if job.state in {"reported", "done", "cancelled"}:
            raise AlreadyApplied(event.id)
        await jobs.start(connection, job.id)
    return job


async def report(job: Job, sums: Mapping[str, int], effect: Effect) -> None:
    """The end if nothing was found, the mending if it was approved beforehand, else a wait for a person's answer."""
    found = (await jobs.item_counts(effect.connection, job.id))["pending"]
    approved = bool(job.request.get("apply"))
    await repository.note_compared(effect.connection, job.id, "running" if approved or not found else "reported", sums)
    if not found:
        await complete(ReconcileRequested(job_id=job.id), effect)
    elif approved:
        await effect.emit(ReconcileApproved(job_id=job.id))


async def remove(keys: Sequence[str], event: ReconcileApproved, effect: Effect, platform: Platform) -> None:
    """Remove objects for good, but for those that are used again or whose file is being worked on."""
    owners = {key: owner_of(key) for key in keys}
    busy = await repository.hold_still(effect.connection, [owner for owner in owners.values() if owner])
    used = await repository.used_keys(effect.connection, keys)
    kept = {key: (StageState.SKIPPED, UNDER_WAY) for key in keys if owners[key] in busy}
    kept |= dict.fromkeys(used, (StageState.SKIPPED, USED_AGAIN))
    gone = {key: (StageState.DONE, REMOVED) for key in keys if key not in kept}
    await platform.blobs.delete(list(gone))
    await repository.settle_orphans(effect.connection, event.job_id, {**kept, **gone})


async def hand_over(event: ReconcileApproved, effect: Effect) -> None:
    """Have a batch make the renditions of files anew, if any are to be."""
    batch = derived_id("reconcile", event.job_id)
    if await repository.hand_over(effect.connection, event.job_id, f"Made anew by job {batch}."):
        request = BatchRequest(mend_of=event.job_id, force=True)
        asker = (await jobs.find(effect.connection, event.job_id)).asked_by or NOBODY
        await batch_requests.begin(effect.connection, Stage.PROXY, request, source=effect.service, job_id=batch, asked_by=asker)


async def complete(event: JobEvent, effect: Effect) -> None:
    """The end of a reconciliation whose findings all have a result."""
    counts = await jobs.item_counts(effect.connection, event.job_id)
    await jobs.finish(effect.connection, event.job_id, "done")
    fact = ReconcileCompleted(job_id=event.job_id, done=counts["done"], skipped=counts["skipped"], failed=counts["failed"])
    await effect.emit(fact)
