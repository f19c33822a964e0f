"""The first phase of an import or rescan: walk through its folders, and note every path that is to be looked at."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.ingest.scans import diff
from services.ingest.scans.attending import Progress, hold
from services.ingest.scans.diff import Scope
from services.ingest.scans.lines import lines
from services.ingest.scans.roots import beneath, outermost, raw_root
from services.ingest.scans.walk import Listing, NothingThere, nothing_at, walk
from shared.contracts import JobEvent
from shared.database import Connection, Database
from shared.errors import Invalid
from shared.jobs import ImportRequest, Job

PORTION = 8192
"""Files to a portion of lines: the walk, this process and Postgres then work side by side, and none waits for single files."""


class Tour:
    """A walk through several roots, told as lines for Postgres, with what it met on the way."""

    def __init__(self, roots: Sequence[bytes], progress: Progress, *, recursive: bool) -> None:
        self.gone: list[bytes] = []
        self.closed: list[bytes] = []
        self._progress = progress
        self._listings = self._walk(roots, recursive=recursive)

    def portion(self) -> bytes:
        """The next lines; none at the end."""
        told: list[bytes] = []
        files = 0
        for listing in self._listings:
            told.append(lines(listing))
            files += len(listing.files)
            self.closed += [beneath(os.fsencode(problem.path)) for problem in listing.problems if problem.is_closed]
            self._progress.path = listing.prefix.encode("utf-8", "replace").decode()
            if files >= PORTION:
                break
        self._progress.listed += files
        return b"".join(told)

    def _walk(self, roots: Sequence[bytes], *, recursive: bool) -> Iterator[Listing]:
        for root in roots:
            try:
                yield from walk(Path(os.fsdecode(root)), recursive=recursive)
            except NothingThere:
                self.gone.append(root)


async def scan(job: Job, event: JobEvent, database: Database, progress: Progress) -> None:
    """Note an item per path in one transaction; raises NothingThere if there is nothing to import, Invalid to rescan."""
    request = ImportRequest.model_validate(job.request)
    scope = Scope(request.path_raw, recursive=request.recursive)
    async with database.transaction() as connection:
        await diff.begin(connection)
        tour = Tour(await _roots(connection, request), progress, recursive=request.recursive)
        await _copy(connection, tour)
        if job.kind == "import":
            if tour.gone:
                raise nothing_at(request.path)
            await diff.list_import(connection, job.id, scope, copies_stay=request.duplicates == "skip")
            noted = {"listed": progress.listed}
        else:
            await diff.list_rescan(connection, job.id, scope, tour.closed)
            await diff.leave_out(connection, job.id, request.unsettled)
            noted = await _noted(connection, job, scope, tour, progress)
        await diff.note_listed(connection, job.id, noted)
        await hold(connection, event)


async def _roots(connection: Connection, request: ImportRequest) -> list[bytes]:
    if request.path_raw is not None:
        return [request.path_raw]
    return outermost([raw_root(root.path, root.path_raw) for root in await diff.library_roots(connection)])


async def _copy(connection: Connection, tour: Tour) -> None:
    """Walk on while Postgres reads what was found before."""
    ahead = asyncio.create_task(asyncio.to_thread(tour.portion))
    try:
        async with diff.copying(connection) as copy:
            while portion := await ahead:
                ahead = asyncio.create_task(asyncio.to_thread(tour.portion))
                await copy.write(portion)
    finally:
        await asyncio.wait({ahead})  # a thread cannot be called back, and the walk is used by one at a time


async def _noted(connection: Connection, job: Job, scope: Scope, tour: Tour, progress: Progress) -> dict[str, int]:
    found, lost = await diff.count_items(connection, job.id)
    missing = await diff.still_missing(connection, scope)
    if tour.gone and job.request["path"] and not lost + missing:
        raise Invalid(f"There is nothing at {job.request['path']}, and the library has no file of it; check the path.")
    await diff.note_gone(connection, job.id, tour.gone)
    return {"listed": progress.listed, "unchanged": progress.listed - found, "still_missing": missing}
