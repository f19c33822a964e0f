"""One rebuild from its begin to the swap; begun again after its worker was killed, it goes on from what is there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import count
from uuid import UUID

from services.nova.embedding import tenure
from services.nova.embedding.watching import Watcher
from services.nova.rebuilding import comparing, shadow
from services.nova.rebuilding.building import Builder
from services.nova.rebuilding.indexing import Indexing
from services.nova.rebuilding.plans import PAUSE, CostsMoney, Phase, pause
from services.nova.rebuilding.progress import Progress
from services.nova.rebuilding.shadow import Busy, Sums
from shared import embedders
from shared.analyses import NOBODY
from shared.clock import utc_now
from shared.database import Connection, Database
from shared.embedders import Embedders, InUse
from shared.errors import Superseded
from shared.jobs import Job
from shared.models.prices import Usage, cost
from shared.models.tokens import text_tokens
from shared.nova_embedder import NovaEmbedder
from shared.paying import budgets

PASSES = 4
"""Each finds what was changed in the one before, which takes less and less time; where many write, none finds nothing."""
PAGE = 200
"""Files that are listed at a time."""
Pages = Callable[[Connection, UUID, int], Awaitable[list[UUID]]]


@dataclass(frozen=True)
class Means:
    """What rebuilds work with; `kept` and `watcher` take vectors from the ledger alone, `paying` makes them."""

    database: Database
    kept: Embedders
    watcher: Watcher
    paying: Embedders
    indexing: Indexing


class Rebuild:
    """The rebuild that a job asks for."""

    def __init__(self, means: Means, job: Job, progress: Progress, in_use: list[InUse], *, whole: bool) -> None:
        self._database = means.database
        self._means = means
        self._job = job
        self._progress = progress
        self._in_use = in_use
        asked_by = job.asked_by or NOBODY
        self._asked_by = asked_by
        self._builder = Builder(means.database, in_use, whole, means.kept, means.watcher, means.paying, asked_by)

    @property
    def models(self) -> list[str]:
        """The embedders whose vectors are gathered, the one that serves first."""
        return [row.model for row in self._in_use]

    async def compare(self) -> None:
        """Fill the shadow tables without making vectors, and note what would change."""
        await self._begin()
        await self._each(shadow.unbuilt, Phase.FILLING, make=False)
        await self._progress.begin(Phase.COMPARING)
        async with self._database.connection() as connection:
            sums = await shadow.sums(connection)
            report = await comparing.compared(connection, sums)
        await self._progress.tell(**self._told(sums), report=report)

    async def gather(self) -> None:
        """Fill the shadow tables, and what was changed meanwhile again, until little is left to do."""
        await self._begin()
        for _ in range(PASSES):
            async with shadow.writing(self._database) as connection:
                changed = await shadow.take_changes(connection)
            filled = await self._each(shadow.unbuilt, Phase.FILLING, make=False)
            await self._agree()
            made = await self._each(shadow.lacking, Phase.EMBEDDING, make=True)
            if not (changed or filled or made):
                return

    async def index(self) -> None:
        """Make the indexes of the shadow tables."""
        await self._progress.begin(Phase.INDEXING)

        async def report(name: str, share: float) -> None:
            await self._progress.tell(index={"name": name, "share": round(share, 3)}, eta_seconds=self._progress.eta(share))

        await self._means.indexing.make(self._in_use, report)

    async def _begin(self) -> None:
        async with self._database.connection() as connection:
            if await shadow.begun_by(connection) == (self._job.id, self.models):
                return
        await self._progress.begin(Phase.WAITING)

        async def make(connection: Connection) -> None:
            await shadow.make(connection, self._job.id, self.models)

        await patiently(self._database, make, self._progress)

    async def _each(self, pages: Pages, phase: Phase, *, make: bool) -> int:
        """Fill in every file of a list; answers with their number."""
        done, after = 0, shadow.FIRST
        while True:
            async with self._database.connection() as connection:
                page = await pages(connection, after, PAGE)
                sums = await shadow.sums(connection)
            if not page:
                await self._progress.tell(**self._told(sums))
                return done
            if not done:
                await self._progress.begin(phase)
            for file_id in page:
                await self._fill(file_id, make=make)
                done, after = done + 1, file_id
                if self._progress.is_due:
                    await self._tell(done, make=make)

    async def _fill(self, file_id: UUID, *, make: bool) -> None:
        while True:
            try:
                await self._builder.fill(file_id, make=make)
            except Superseded:  # it got another content just now
                continue
            else:
                return

    async def _tell(self, done: int, *, make: bool) -> None:
        async with self._database.connection() as connection:
            sums = await shadow.sums(connection)
        left = sums.lacking_files if make else sums.files - sums.built
        await self._progress.tell(**self._told(sums), eta_seconds=self._progress.eta(done / (done + left)))

    async def _agree(self) -> None:
        """Raise CostsMoney if vectors have to be paid for and nobody agreed, BudgetExceeded if a budget does not allow it."""
        async with self._database.connection() as connection:
            sums = await shadow.sums(connection)
            usd = self._usd(sums)
            if usd and not self._job.request.get("pay"):
                await self._progress.tell(**self._told(sums))
                raise CostsMoney(usd, sums.lacking)
            if usd:
                await budgets.refuse_if_over(connection, self._asked_by, usd, utc_now())

    def _usd(self, sums: Sums) -> Decimal:
        """What the vectors that are lacking cost, about."""
        embedder = self._means.kept.find(self._in_use[0].model)
        if not sums.lacking or not isinstance(embedder, NovaEmbedder):
            return Decimal(0)
        return cost(embedder.catalogued, Usage(text_tokens(sums.characters), 0), embedder.scope)

    def _told(self, sums: Sums) -> dict[str, object]:
        return {**asdict(sums), "usd": float(self._usd(sums))}


@asynccontextmanager
async def alone(database: Database, progress: Progress) -> AsyncIterator[None]:
    """Wait until nobody else looks after the embedders, and let nobody until the end of the block: no switch, no other rebuild.

    Raises CalledOff.
    """
    async with database.connection() as connection, AsyncExitStack() as stack:
        while not await stack.enter_async_context(tenure.alone(connection)):
            await progress.wait()
            await asyncio.sleep(PAUSE)
        yield


async def begun(means: Means, job: Job, progress: Progress) -> Rebuild:
    """The rebuild, by the embedders that are in use and the tables that are there."""
    async with means.database.connection() as connection:
        live = await shadow.present(connection)
        in_use = await embedders.in_use(connection)
    whole = bool(live.get("moments") and live.get("embeddings"))
    return Rebuild(means, job, progress, in_use, whole=whole)


async def patiently(
    database: Database, action: Callable[[Connection], Awaitable[None]], progress: Progress | None = None
) -> None:
    """Do something to the tables that searches read, in a transaction, as soon as nobody uses them; raises CalledOff."""
    for tries in count(1):
        try:
            async with shadow.writing(database, live=True) as connection:
                await shadow.wait_briefly(connection, tries)
                await action(connection)
        except Busy:
            if progress and progress.is_due:
                await progress.tell()
            await asyncio.sleep(pause(tries))
        else:
            return
