"""The second phase of an import or rescan: look into every file that is not known, and take in what is new for certain.

What is new for certain need not wait for the rest: it is in the library, and further on, while others are still being read.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from services.ingest import repository
from services.ingest.inspection.pool import PORTION, Inspects
from services.ingest.library import added, ingested, plainly_new
from services.ingest.outcome import Candidate, Inspected, Outcome, Rejected
from services.ingest.scans import findings
from services.ingest.scans.attending import hold
from services.ingest.scans.planning import Grounds
from shared.contracts import JobEvent
from shared.database import Database
from shared.effects import Effect, Effects
from shared.paths import shown

PAGE = 1000
"""Items read at a time: memory stays flat however large the import."""


class UnderWay:
    """Files that are being looked into, by size: of two with the same content, the one whose path sorts first counts."""

    def __init__(self) -> None:
        self._paths: defaultdict[int | None, set[bytes]] = defaultdict(set)
        self._sizes: dict[bytes, int | None] = {}

    def begin(self, candidates: Iterable[Candidate]) -> None:
        """Note files that are given out."""
        for candidate in candidates:
            self._sizes[candidate.path_raw] = candidate.size
            self._paths[candidate.size].add(candidate.path_raw)

    def end(self, outcomes: Iterable[Outcome]) -> None:
        """Note files that have come back."""
        for outcome in outcomes:
            size = self._sizes.pop(outcome.path_raw)
            self._paths[size].discard(outcome.path_raw)
            if not self._paths[size]:
                del self._paths[size]

    def is_first(self, file: Inspected) -> bool:
        """Whether none of this size that sorts before the file is still out."""
        return all(path >= file.path_raw for path in self._paths.get(file.size, ()))


@dataclass(frozen=True)
class Examination:
    """The looking of one job; with `apply`, what is new for certain is taken in at once."""

    event: JobEvent
    apply: bool
    grounds: Grounds
    database: Database
    effects: Effects
    under_way: UnderWay

    async def run(self, inspectors: Inspects) -> None:
        """Look into every item that nobody has looked at; one that was interrupted goes on with the rest."""
        async with aclosing(self._portions()) as pending, aclosing(inspectors.inspect(pending)) as batches:
            async for outcomes in batches:
                self.under_way.end(outcomes)
                await self._note(outcomes)

    async def _portions(self) -> AsyncGenerator[list[Candidate], None]:
        after = b""
        while True:
            async with self.database.connection() as connection:
                page = await findings.unseen(connection, self.event.job_id, after, PAGE)
            if not page:
                return
            for start in range(0, len(page), PORTION):
                portion = page[start : start + PORTION]
                self.under_way.begin(portion)
                yield portion
            after = page[-1].path_raw

    async def _note(self, outcomes: Sequence[Outcome]) -> None:
        """One short transaction for all of them."""
        files = [outcome for outcome in outcomes if isinstance(outcome, Inspected)]
        rejected = [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        async with self.effects.begin() as effect:
            await hold(effect.connection, self.event)
            rest = await self._take_in(files, effect) if self.apply and files else files
            if rest:
                await findings.keep(effect.connection, self.event.job_id, rest)
            if rejected:
                await findings.reject(effect.connection, self.event.job_id, rejected)

    async def _take_in(self, files: Sequence[Inspected], effect: Effect) -> list[Inspected]:
        await repository.lock_library(effect.connection)
        paths, contents = await findings.known(effect.connection, self.event.job_id, files)
        new, rest = plainly_new(files, paths, contents, self.under_way.is_first)
        if new:
            entries = [added(file, self.grounds.root_of(shown(file.path_raw))) for file in new]
            await repository.write_files(effect.connection, entries)
            await repository.begin_stages(effect.connection, entries)
            await effect.emit(*map(ingested, entries))
            await findings.settle_new(effect.connection, self.event.job_id, entries)
        return rest
