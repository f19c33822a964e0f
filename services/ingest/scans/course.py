"""The course of an import or rescan: scan, examine, decide; then report, or apply. Each phase can be begun again."""

from dataclasses import dataclass

from services.ingest.inspection.pool import Inspects
from services.ingest.scans import diff, report
from services.ingest.scans.applying import apply
from services.ingest.scans.attending import Progress
from services.ingest.scans.deciding import decide
from services.ingest.scans.examining import Examination, UnderWay
from services.ingest.scans.planning import Grounds
from services.ingest.scans.resting import leave_moving
from services.ingest.scans.scanning import scan
from shared import jobs
from shared.contracts import ImportApproved, ImportCompleted, ImportReported, ImportRequested
from shared.database import Database
from shared.effects import Effect, Effects
from shared.errors import AlreadyApplied, Transient
from shared.jobs import ImportRequest, Job, Selection
from shared.service import Platform

ImportEvent = ImportRequested | ImportApproved


async def begin(event: ImportEvent, database: Database) -> Job:
    """The job, noted as running; raises AlreadyApplied if the event has nothing left to do for it, NotFound if there is none.

    One that failed is taken up again: its message was sent again from the dead letters.
    """
    async with database.connection() as connection:
        job = await jobs.find(connection, event.job_id)
        is_approved = job.request.get("selection") is not None
        if job.state not in {"pending", "running", "failed"} or is_approved != isinstance(event, ImportApproved):
            raise AlreadyApplied(event.id)
        await jobs.start(connection, job.id)
        if job.phase is None:
            await report.enter_phase(connection, job.id, "scanning")
    return job


def course_of(job: Job, event: ImportEvent, platform: Platform, inspectors: Inspects) -> "Course":
    """The course of a job, wherever it is."""
    request = ImportRequest.model_validate(job.request)
    return Course(job, event, request, platform.database, platform.effects, inspectors)


@dataclass(frozen=True)
class Course:
    """One job under way."""

    job: Job
    event: ImportEvent
    request: ImportRequest
    database: Database
    effects: Effects
    inspectors: Inspects

    async def look_through(self, progress: Progress) -> None:
        """Everything up to the report; and, if nobody is to be asked, what follows from it."""
        if self.job.listed_at is None:
            await scan(self.job, self.event, self.database, progress)
        if self.request.settle:
            await leave_moving(self.job.id, self.request.settle, self.database)
        if await self._is_settled():
            return
        await self._examine(await self._grounds())
        await decide(self.job.id, self.database)
        if self.request.apply:
            await self.apply(progress)

    async def apply(self, progress: Progress) -> None:
        """What was found, as far as it is selected, becomes true of the library."""
        selection = self.request.selection or Selection()
        async with self.effects.begin() as effect:
            await report.enter_phase(effect.connection, self.job.id, "applying")
            await report.select(effect.connection, self.job.id, selection, copies=self.request.duplicates == "import")
        grounds = await self._grounds()
        await self._examine(grounds)
        await apply(self.event, grounds, self.database, self.effects)

    async def report(self, effect: Effect) -> None:
        """Let what was found wait until somebody has read it."""
        if not await jobs.report(effect.connection, self.job.id):
            raise AlreadyApplied(self.event.id)
        await effect.emit(ImportReported(job_id=self.job.id))

    async def complete(self, effect: Effect) -> None:
        """The end of a job whose items all have a result."""
        counts = await jobs.item_counts(effect.connection, self.job.id)
        if counts["pending"]:
            raise Transient(f"{counts['pending']} files of the {self.job.kind} have no result yet.")
        if not await jobs.finish(effect.connection, self.job.id, "done"):
            raise AlreadyApplied(self.event.id)
        await report.enter_phase(effect.connection, self.job.id, "done")
        await report.clear_up(effect.connection, self.job.id)
        done = ImportCompleted(job_id=self.job.id, done=counts["done"], skipped=counts["skipped"], failed=counts["failed"])
        await effect.emit(done)

    async def _is_settled(self) -> bool:
        async with self.database.connection() as connection:
            return not await report.has_pending(connection, self.job.id)

    async def _examine(self, grounds: Grounds) -> None:
        examination = Examination(self.event, self.request.apply, grounds, self.database, self.effects, UnderWay())
        await examination.run(self.inspectors)

    async def _grounds(self) -> Grounds:
        """An import's files have it for their root; what a rescan finds belongs to what was imported before."""
        fallback = self.request.path or ""
        if self.job.kind == "import":
            return Grounds(frozenset(), fallback)
        async with self.database.connection() as connection:
            return Grounds(frozenset(root.path for root in await diff.library_roots(connection)), fallback)
