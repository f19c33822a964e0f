"""What the ingest service does: lists what is to be imported, inspects it, and puts it into the library."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from services.ingest import repository
from services.ingest.library import entries, ingested
from services.ingest.outcome import Candidate, Inspected, Outcome
from services.ingest.pool import PORTION, Inspects
from services.ingest.walk import walk
from shared import jobs, outbox, topology
from shared.contracts import ImportCompleted, ImportFailed, ImportRequested
from shared.database import Connection
from shared.effects import Effect
from shared.errors import AlreadyApplied, Transient
from shared.jobs import ImportRequest, Job
from shared.service import Platform

LISTED_AT_ONCE = 5000
"""Paths to a transaction while listing: few enough that progress shows, enough that statements do not count."""
PAGE = 1000
"""Pending items read at a time: memory stays flat however large the import."""


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    inspectors: Inspects


async def on_import_requested(event: ImportRequested, resources: Resources) -> None:
    """Import every file; a second delivery goes on with what the first has left."""
    job = await begin(event, resources)
    if job.listed_at is None:
        await list_items(job, resources)
    async with (
        aclosing(portions(job.id, resources)) as pending,
        aclosing(resources.inspectors.inspect(pending)) as batches,
    ):
        async for outcomes in batches:
            await take_in(job, outcomes, resources)
    async with resources.platform.effects.once(event) as effect:
        await complete(job.id, effect)


async def on_buried(connection: Connection, event: ImportRequested, reason: str) -> None:
    """Say that an import was given up, unless it has ended."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await outbox.enqueue(connection, ImportFailed(job_id=event.job_id, reason=reason), source=topology.INGEST.durable)


async def begin(event: ImportRequested, resources: Resources) -> Job:
    """The job, noted as running; raises AlreadyApplied if it is done or cancelled, NotFound if there is none.

    One that failed is taken up again: its message was sent again from the dead letters.
    """
    async with resources.platform.database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
        if job.state in {"done", "cancelled"}:
            raise AlreadyApplied(event.id)
        await jobs.start(connection, job.id)
    return job


async def list_items(job: Job, resources: Resources) -> None:
    """Phase one: every path becomes an item; raises Invalid if there is nothing at the requested path."""
    request = ImportRequest.model_validate(job.request)
    found = walk(request.location, recursive=request.recursive)
    while chunk := await asyncio.to_thread(lambda: list(islice(found, LISTED_AT_ONCE))):
        async with resources.platform.database.transaction() as connection:
            await repository.list_items(connection, job.id, chunk)
    async with resources.platform.database.connection() as connection:
        await repository.note_listed(connection, job.id)


async def portions(job_id: UUID, resources: Resources) -> AsyncGenerator[list[Candidate], None]:
    """Phase two, the way in: items without a result, by the portion, in the order of their paths."""
    after = b""
    while True:
        async with resources.platform.database.connection() as connection:
            page = await repository.pending_items(connection, job_id, after, PAGE)
        if not page:
            return
        for start in range(0, len(page), PORTION):
            yield page[start : start + PORTION]
        after = page[-1].path_raw


async def take_in(job: Job, outcomes: list[Outcome], resources: Resources) -> None:
    """Phase two, the way out: one short transaction puts files into the library, settles their items and tells of them."""
    files = [outcome for outcome in outcomes if isinstance(outcome, Inspected)]
    async with resources.platform.effects.begin() as effect:
        await repository.lock_library(effect.connection)
        if files:
            await add_files(files, ImportRequest.model_validate(job.request).path, effect)
        await repository.settle_items(effect.connection, job.id, outcomes)


async def complete(job_id: UUID, effect: Effect) -> None:
    """The end of an import whose items all have a result."""
    counts = await jobs.item_counts(effect.connection, job_id)
    if counts["pending"]:
        raise Transient(f"{counts['pending']} files of the import have no result yet.")
    await jobs.finish(effect.connection, job_id, "done")
    await effect.emit(ImportCompleted(job_id=job_id, done=counts["done"], skipped=counts["skipped"], failed=counts["failed"]))


async def add_files(files: list[Inspected], root: str, effect: Effect) -> None:
    """New files and new revisions, with their events; what was touched but not changed keeps its revision."""
    existing = await repository.existing_files(effect.connection, [file.path_raw for file in files])
    written = entries(files, existing)
    await repository.write_files(effect.connection, written, root)
    if fresh := [entry for entry in written if entry.is_fresh]:
        await repository.begin_stages(effect.connection, fresh)
        await effect.emit(*map(ingested, fresh))
