"""SQL of the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.search.audit.intents import Intent, outcome_of
from services.search.audit.refusals import Refusal
from services.search.audit.secrets import ids_in
from services.search.identity.callers import Caller
from shared.database import Connection
from shared.errors import NotFound

COLUMNS = """
    id, at, actor, person_id, means, means_id, method, route, path_params, query, body, body_bytes, body_sha256, noted,
    request_id, address, user_agent, status, ended_at, times
"""

BEGIN = """
    INSERT INTO audit_log (actor, person_id, means, means_id, method, route, path_params, query, body, body_bytes, body_sha256,
        about, request_id, address, user_agent)
    VALUES (%(actor)s, %(person_id)s, %(means)s, %(means_id)s, %(method)s, %(route)s, %(path_params)s, %(query)s,
        %(body)s::jsonb, %(body_bytes)s, %(body_sha256)s, %(about)s, %(request_id)s, %(address)s, %(user_agent)s)
    RETURNING id
"""

# Nobody waits for the disk: of a Postgres that crashes within the second an outcome may be lost, which is then told as unknown.
# Of who was nobody and has signed in with this very request, it is known now who that is.
END = """
    UPDATE audit_log SET status = %(status)s, ended_at = now(), noted = %(noted)s, about = about || %(about)s::uuid[],
        actor = %(actor)s, person_id = %(person_id)s, means = %(means)s, means_id = %(means_id)s
    WHERE id = %(id)s AND ended_at IS NULL AND set_config('synchronous_commit', 'off', true) = 'off'
"""

COUNT = """
    INSERT INTO audit_log (at, actor, person_id, means, means_id, method, route, address, status, ended_at, times, counted_as)
    VALUES (%(minute)s, %(actor)s, %(person_id)s, %(means)s, %(means_id)s, %(method)s, %(route)s, %(address)s, %(status)s,
        now(), %(times)s, %(counted_as)s)
    ON CONFLICT (counted_as) WHERE counted_as IS NOT NULL
        DO UPDATE SET times = audit_log.times + excluded.times, ended_at = excluded.ended_at
"""

TAKE_BACK = "DELETE FROM audit_log WHERE id = %(id)s AND means = 'nothing' AND ended_at IS NULL"

CONDITIONS = {
    "actor": "actor = %(actor)s",
    "method": "method = %(method)s",
    "route": "route = %(route)s",
    "about": "about @> ARRAY[%(about)s::uuid]",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
    "before": "id < %(before)s",
    "id": "id = %(id)s",
}

OUTCOMES = {
    "done": "status < 400",
    "refused": "status BETWEEN 400 AND 499",
    "failed": "status >= 500",
    "broken off": "status IS NULL AND ended_at IS NOT NULL",
    "unknown": "ended_at IS NULL",
}

PURGE = """
    DELETE FROM audit_log WHERE id IN (
        SELECT id FROM audit_log WHERE at < %(before)s ORDER BY at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True)
class Entry:
    """A row of the audit log; `status` is None until it has ended, and of one that was broken off."""

    id: int
    at: datetime
    actor: str
    person_id: UUID | None
    means: str
    means_id: UUID | None
    method: str
    route: str
    path_params: dict[str, Any]
    query: dict[str, Any]
    body: Any
    body_bytes: int | None
    body_sha256: str | None
    noted: dict[str, Any]
    request_id: str | None
    address: str | None
    user_agent: str | None
    status: int | None
    ended_at: datetime | None
    times: int

    @property
    def outcome(self) -> str:
        """What became of it, in a word."""
        return outcome_of(self.status, self.ended_at)


async def begin(connection: Connection, intent: Intent) -> int:
    """Write down what is about to be done; answers with the entry's id."""
    values = {
        **vars(intent),
        "path_params": Jsonb(dict(intent.path_params)),
        "query": Jsonb(dict(intent.query)),
        "body": intent.body.text,
        "body_bytes": intent.body.bytes,
        "body_sha256": intent.body.sha256,
        "about": intent.about,
    }
    row = await (await connection.execute(BEGIN, values)).fetchone()
    assert row is not None
    return int(row[0])


async def end(connection: Connection, entry_id: int, caller: Caller, status: int | None, noted: Mapping[str, Any]) -> None:
    """Write down what became of it; None for a request that was broken off. What has ended stays as it is."""
    who = {"actor": caller.name, "person_id": caller.person_id, "means": caller.means, "means_id": caller.means_id}
    told = {"status": status, "noted": Jsonb(dict(noted)), "about": ids_in(str(dict(noted)))}
    await connection.execute(END, {"id": entry_id, **who, **told})


async def take_back(connection: Connection, entry_id: int) -> None:
    """Remove the entry of a refused request of nobody, which is counted instead."""
    await connection.execute(TAKE_BACK, {"id": entry_id})


async def count(connection: Connection, refusal: Refusal, times: int) -> None:
    """Add refused requests to those of their minute."""
    await connection.execute(COUNT, {**vars(refusal), "counted_as": refusal.counted_as, "times": times})


async def page(connection: Connection, wanted: Mapping[str, Any], *, limit: int) -> list[Entry]:
    """Entries that meet the conditions, the latest first."""
    parts = [sql.SQL("true"), *(sql.SQL(CONDITIONS[name]) for name in wanted if name != "outcome")]
    if "outcome" in wanted:
        parts.append(sql.SQL(OUTCOMES[wanted["outcome"]]))
    statement = sql.SQL("SELECT {} FROM audit_log WHERE {} ORDER BY id DESC LIMIT %(limit)s").format(
        sql.SQL(COLUMNS), sql.SQL(" AND ").join(parts)
    )
    async with connection.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(statement, {**wanted, "limit": limit})
        return await cursor.fetchall()


async def find(connection: Connection, entry_id: int) -> Entry:
    """An entry; raises NotFound."""
    found: Sequence[Entry] = await page(connection, {"id": entry_id}, limit=1)
    if not found:
        raise NotFound("entry of the audit log", entry_id)
    return found[0]


async def purge(connection: Connection, before: datetime, *, limit: int) -> int:
    """Remove entries that are older, at most so many; answers with how many."""
    return (await connection.execute(PURGE, {"before": before, "limit": limit})).rowcount
