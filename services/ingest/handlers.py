"""What the ingest service does: looks through folders, and lets the library say what it finds, or what is approved of it."""

from dataclasses import dataclass

from services.ingest.inspection.pool import Inspects
from services.ingest.scans import course as importing
from services.ingest.scans.attending import attended
from shared import jobs, outbox, topology
from shared.contracts import ImportApproved, ImportFailed, ImportRequested
from shared.database import Connection
from shared.service import Platform


@dataclass(frozen=True)
class Resources:
    """What the handlers work with."""

    platform: Platform
    inspectors: Inspects


async def on_import_requested(event: ImportRequested, resources: Resources) -> None:
    """Look a place through; what is found is applied, or waits as a report. A second delivery goes on where the first ended."""
    job = await importing.begin(event, resources.platform.database)
    course = importing.course_of(job, event, resources.platform, resources.inspectors)
    await attended(resources.platform.database, event, course.look_through)
    async with resources.platform.effects.once(event) as effect:
        await (course.complete(effect) if course.request.apply else course.report(effect))


async def on_import_approved(event: ImportApproved, resources: Resources) -> None:
    """Apply what was approved of a report; a second delivery goes on where the first ended."""
    job = await importing.begin(event, resources.platform.database)
    course = importing.course_of(job, event, resources.platform, resources.inspectors)
    await attended(resources.platform.database, event, course.apply)
    async with resources.platform.effects.once(event) as effect:
        await course.complete(effect)


async def on_buried(connection: Connection, event: ImportRequested | ImportApproved, reason: str) -> None:
    """Say that an import was given up, unless it has ended."""
    if await jobs.finish(connection, event.job_id, "failed", reason):
        await outbox.enqueue(connection, ImportFailed(job_id=event.job_id, reason=reason), source=topology.INGEST.durable)
