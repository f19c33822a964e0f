"""Puts the embedder that the settings name in the place of the one that serves, once nothing would be missed by it."""

import asyncio
import time
from types import TracebackType
from typing import Self

import structlog

from services.nova.embedding import succession, tenure
from services.nova.embedding.succession import Succession
from shared import embedders
from shared.database import Database
from shared.embedders import Embedders, EmbedderState, InUse
from shared.errors import Transient
from shared.tasks import ended

IDLE = 60.0
"""Seconds between two looks when no file was embedded: somebody may have removed the last one that lacked new vectors."""
SHARE = 20.0
"""The next look waits this many times as long as one took, so that looking costs at most a twentieth of a core."""

log = structlog.get_logger()


class Switch:
    """Looks after the embedders for as long as the block runs: at its begin, and whenever files were embedded."""

    def __init__(self, database: Database, known: Embedders) -> None:
        self._database = database
        self._wanted = known.wanted
        self._embedded = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended([self._task])

    def embedded(self) -> None:
        """Some file has its vectors: perhaps it was the last one."""
        self._embedded.set()

    async def _run(self) -> None:
        while True:
            began = time.monotonic()
            self._embedded.clear()
            try:
                await self.step()
            except Transient as error:
                log.warning("the embedders wait to be looked after", reason=str(error))
            await asyncio.sleep(min((time.monotonic() - began) * SHARE, IDLE))
            try:
                await asyncio.wait_for(self._embedded.wait(), IDLE)
            except TimeoutError:
                continue

    async def step(self) -> None:
        """Everything that can be done now; nothing while another process is at it."""
        async with self._database.connection() as connection, tenure.alone(connection) as mine:
            if not mine:
                return
            await self._begin()
            async with self._database.connection() as reader:
                in_use = await embedders.in_use(reader)
            for row in in_use:
                if row.state == EmbedderState.BUILDING:
                    await self._build(in_use[0], row)
            await self._empty()

    async def _begin(self) -> None:
        async with self._database.connection() as connection:
            decided = succession.decide(await embedders.in_use(connection), self._wanted.model)
        if decided == Succession():
            return
        async with self._database.transaction() as connection:
            await embedders.take(connection)
            await tenure.retire(connection, decided.retire)
            if decided.build:
                await tenure.build(connection, self._wanted, succession.index_name(self._wanted))
                log.info("vectors of another embedder are made from now on", model=decided.build)

    async def _build(self, serving: InUse, building: InUse) -> None:
        async with self._database.connection() as connection:
            await tenure.make_index(connection, building)
            if await tenure.lacking(connection, serving.model, building.model):
                return
        async with self._database.transaction() as connection:
            await embedders.take(connection)
            if await tenure.follow(connection, serving.model, building.model):
                log.info("another embedder answers searches from now on", model=building.model, instead_of=serving.model)

    async def _empty(self) -> None:
        """Remove vectors that nobody asks any more, page by page, so that nothing has to wait for it."""
        async with self._database.connection() as connection:
            if not (retired := await tenure.to_empty(connection)):
                return
            after: int | None = 0
            while after is not None:
                after = await tenure.empty_page(connection, after)
            await tenure.note_empty(connection, retired)
        log.info("old vectors are removed", models=retired)
