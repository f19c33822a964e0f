"""Who is behind a key or a session: one look into Postgres, remembered for a moment."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg.rows import class_row

from services.search.identity import tokens
from services.search.identity.callers import Caller, Means
from services.search.identity.roles import ALLOWED, Role, Scope
from shared.clock import utc_now
from shared.database import Database
from shared.errors import SpillwayError

REMEMBERED = 2.0
"""Seconds for which a caller is not looked up again: so long may pass until what another process has ended is over here."""
MOST = 10_000
"""Callers that are remembered, about a kilobyte each."""
NOTED = timedelta(minutes=1)
"""Between two notes of when a key or a session was used last."""

SESSION = """
    SELECT people.name, person_id, role, sessions.id, NULL AS scopes, last_used_at,
           least(expires_at, last_used_at + %(idle)s::interval) AS expires_at
    FROM sessions JOIN people ON people.id = person_id WHERE {} AND ended_at IS NULL AND disabled_at IS NULL
"""
KEY = """
    SELECT people.name, person_id, role, api_keys.id, scopes, last_used_at, expires_at
    FROM api_keys JOIN people ON people.id = person_id WHERE {} AND revoked_at IS NULL AND disabled_at IS NULL
"""
BY_SECRET = {
    Means.SESSION: SESSION.format("token_hash = %(who)s").encode(),
    Means.KEY: KEY.format("key_hash = %(who)s").encode(),
}
BY_ID = {
    Means.SESSION: SESSION.format("sessions.id = %(who)s").encode(),
    Means.KEY: KEY.format("api_keys.id = %(who)s").encode(),
}
# The person is locked before the session or key, as by everybody who changes both.
NOTE = """
    WITH seen AS (
        UPDATE people SET last_seen_at = greatest(last_seen_at, %(now)s) WHERE id = %(person_id)s RETURNING id
    )
    UPDATE {} AS used SET last_used_at = %(now)s FROM seen
    WHERE used.id = %(id)s AND person_id = seen.id AND last_used_at IS NOT DISTINCT FROM %(before)s
"""
NOTES = {Means.SESSION: NOTE.format("sessions").encode(), Means.KEY: NOTE.format("api_keys").encode()}

log = structlog.get_logger()


@dataclass(frozen=True)
class Found:
    """What Postgres says of who shows a session or a key; a session has no scopes of its own."""

    name: str
    person_id: UUID
    role: str
    id: UUID
    scopes: list[str] | None
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Memory:
    """A caller, and when he was looked up."""

    caller: Caller
    at: float


class Known:
    """Callers by what they show; `idle` is how long a session lasts without use."""

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST,
    ) -> None:
        self._database = database
        self._idle = idle
        self._now = now
        self._clock = clock
        self._most = most
        self._memories: OrderedDict[bytes | UUID, Memory] = OrderedDict()
        self._changes = 0
        self._notes: set[asyncio.Task[None]] = set()

    async def by_secret(self, means: Means, secret: str) -> Caller | None:
        """Whose key or session it is; None for nobody's, or nobody's any more."""
        return await self._caller(means, tokens.digest(secret), BY_SECRET[means])

    async def again(self, caller: Caller) -> Caller | None:
        """The caller as he is now, for who is answered for long; None if he may ask no more."""
        assert caller.means_id is not None
        return await self._caller(caller.means, caller.means_id, BY_ID[caller.means])

    def forget(self, person_id: UUID) -> None:
        """Have a person looked up again at the next request, as something about him was changed here."""
        self._changes += 1
        for who in [who for who, memory in self._memories.items() if memory.caller.person_id == person_id]:
            del self._memories[who]

    async def noted(self) -> None:
        """Wait until it is noted who was here."""
        if self._notes:
            await asyncio.wait(self._notes)

    async def _caller(self, means: Means, who: bytes | UUID, statement: bytes) -> Caller | None:
        memory = self._memories.get(who)
        if memory is None or self._clock() - memory.at > REMEMBERED:
            memory = await self._looked_up(means, who, statement)
        if memory is None or (memory.caller.expires_at and memory.caller.expires_at <= self._now()):
            return None
        return memory.caller

    async def _looked_up(self, means: Means, who: bytes | UUID, statement: bytes) -> Memory | None:
        changes, at = self._changes, self._clock()
        async with self._database.connection() as connection, connection.cursor(row_factory=class_row(Found)) as cursor:
            await cursor.execute(statement, {"who": who, "idle": self._idle})
            found = await cursor.fetchone()
        self._memories.pop(who, None)
        if found is None:
            return None
        memory = Memory(caller_of(means, found), at)
        if changes == self._changes:  # or it may have been read before the change
            self._memories[who] = memory
            if len(self._memories) > self._most:
                self._memories.popitem(last=False)
        self._note(memory.caller, found.last_used_at)
        return memory

    def _note(self, caller: Caller, before: datetime | None) -> None:
        """Note that somebody was here, after the answer and not before it."""
        now = self._now()
        if (before and now - before < NOTED) or (caller.expires_at and caller.expires_at <= now):
            return
        values = {"id": caller.means_id, "person_id": caller.person_id, "now": now, "before": before}
        task = asyncio.create_task(self._write(NOTES[caller.means], values))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _write(self, statement: bytes, values: dict[str, Any]) -> None:
        try:
            async with self._database.connection() as connection:
                await connection.execute(statement, values)
        except SpillwayError as error:  # the next look notes it
            log.debug("it cannot be noted who was here", reason=str(error))


def caller_of(means: Means, found: Found) -> Caller:
    """A caller, of a row; a session may do all that the role may."""
    role = Role(found.role)
    given = ALLOWED[role] if found.scopes is None else frozenset(Scope(scope) for scope in found.scopes)
    return Caller(
        name=found.name,
        means=means,
        person_id=found.person_id,
        means_id=found.id,
        role=role,
        scopes=given & ALLOWED[role],
        expires_at=found.expires_at,
    )
