"""How far a rebuild is, as its job tells it; whoever tells learns that it was called off."""

import time
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.nova.rebuilding.plans import CalledOff, Phase
from shared.clock import utc_now
from shared.database import Database

EVERY = 0.5
"""Seconds between two notes, unless a phase begins."""

TELL = "UPDATE jobs SET progress = progress || %(told)s WHERE id = %(id)s AND state = 'running'"

WAIT = "UPDATE jobs SET progress = %(told)s || progress WHERE id = %(id)s AND state = 'running'"


class Progress:
    """The course of one rebuild in this process."""

    def __init__(self, database: Database, job_id: UUID) -> None:
        self._database = database
        self._id = job_id
        self._phase = Phase.WAITING
        self._began = self._told = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time to tell again."""
        return time.monotonic() - self._told >= EVERY

    async def begin(self, phase: Phase) -> None:
        """A phase begins, or begins anew; raises CalledOff."""
        self._phase, self._began = phase, time.monotonic()
        await self.tell(eta_seconds=None, index=None)

    async def tell(self, **told: Any) -> None:
        """Note how far it is; raises CalledOff."""
        self._told = time.monotonic()
        more = Jsonb({**told, "phase": self._phase, "heard_at": utc_now().isoformat()})
        async with self._database.connection() as connection:
            if (await connection.execute(TELL, {"id": self._id, "told": more})).rowcount == 0:
                raise CalledOff

    async def wait(self) -> None:
        """It waits; another worker that has it tells how far it is. Raises CalledOff."""
        values = {"id": self._id, "told": Jsonb({"phase": Phase.WAITING})}
        async with self._database.connection() as connection:
            if (await connection.execute(WAIT, values)).rowcount == 0:
                raise CalledOff

    def eta(self, share: float) -> float | None:
        """Seconds that the phase still takes, as far as this share of it says; None if it says nothing."""
        return round((time.monotonic() - self._began) * (1 - share) / share, 1) if share > 0 else None
