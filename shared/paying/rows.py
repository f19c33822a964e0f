"""A paid call's row of the ledger, from before it is made until it has ended. None of these statements commits."""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from shared.database import Connection
from shared.identifiers import new_id
from shared.models.prices import Usage
from shared.paying.calls import Answer, Call, Reply
from shared.paying.storable import storable

LOCK = "SELECT pg_advisory_xact_lock(hashtext('spillway: money'))"

ANSWERED = """
    SELECT id, answer, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, request_id, latency_ms, stop_reason
    FROM model_calls
    WHERE question = %(question)s AND state = 'answered' AND answer IS NOT NULL
      AND (NOT %(fresh)s OR analysis_run_id = %(analysis_run_id)s)
    ORDER BY ended_at DESC LIMIT 1
"""

# A server that was down for longer than a lease kept everybody from giving signs of life: they have a lease from its start.
GIVE_UP_SILENT = """
    UPDATE model_calls SET state = 'lost', usd = usd_reserved, ended_at = now(), fault = 'WorkerLost', error = %(error)s
    WHERE state = 'begun' AND greatest(heard_at, pg_postmaster_start_time()) < now() - make_interval(secs => %(lease)s)
"""
SILENT = (
    "The worker that asked stopped before the answer came. The provider may have billed it, so it counts at the price that "
    "was held for it."
)

BEGUN = "SELECT FROM model_calls WHERE question = %(question)s AND state = 'begun'"

BEGIN = """
    INSERT INTO model_calls (id, question, purpose, provider, model, model_id, file_id, analysis_run_id, requested_by,
        estimated_input_tokens, estimated_output_tokens, usd_reserved, prices_as_of)
    VALUES (%(id)s, %(question)s, %(purpose)s, %(provider)s, %(model)s, %(model_id)s,
        (SELECT id FROM files WHERE id = %(file_id)s), (SELECT id FROM analysis_runs WHERE id = %(analysis_run_id)s),
        %(requested_by)s, %(estimated_input_tokens)s, %(estimated_output_tokens)s, %(usd_reserved)s, %(prices_as_of)s)
    RETURNING begun_at
"""

RENEW = "UPDATE model_calls SET heard_at = now() WHERE id = %(id)s AND state = 'begun'"

END = """
    UPDATE model_calls SET state = %(state)s, usd = %(usd)s, request_id = %(request_id)s, input_tokens = %(input_tokens)s,
        output_tokens = %(output_tokens)s, cache_read_tokens = %(cache_read_tokens)s,
        cache_write_tokens = %(cache_write_tokens)s, latency_ms = %(latency_ms)s, stop_reason = %(stop_reason)s,
        answer = %(answer)s, fault = %(fault)s, error = %(error)s, ended_at = now()
    WHERE id = %(id)s
"""

FAILURES = """
    SELECT count(*) AS failures FROM model_calls
    WHERE question = %(question)s AND fault = %(fault)s AND analysis_run_id IS NOT DISTINCT FROM %(analysis_run_id)s
      AND (%(analysis_run_id)s::uuid IS NOT NULL OR begun_at > now() - interval '1 hour')
"""


@dataclass(frozen=True)
class Begun:
    """A call that may be made now."""

    id: UUID
    begun_at: datetime


@dataclass(frozen=True)
class Ending:
    """What became of a call that was not answered; of a `refused` one, `usd` is 0."""

    state: Literal["refused", "lost"]
    usd: Decimal
    fault: str
    error: str
    request_id: str | None = None


async def lock(connection: Connection) -> None:
    """Let nobody else decide on money until this transaction ends."""
    await connection.execute(LOCK)


async def answered(connection: Connection, call: Call) -> Answer | None:
    """The answer that was paid for already, if there is one that counts."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(ANSWERED, asdict(call))
        row = await cursor.fetchone()
    if row is None:
        return None
    usage = Usage(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"], row["cache_write_tokens"])
    told = {name: row[name] for name in ("request_id", "latency_ms", "stop_reason")}
    return Answer(body=row["answer"], usage=usage, usd=Decimal(0), cached=True, call_id=row["id"], **told)


async def give_up_silent(connection: Connection, lease: float) -> None:
    """Count as lost every call whose caller gave no sign of life for so many seconds."""
    await connection.execute(GIVE_UP_SILENT, {"lease": lease, "error": SILENT})


async def is_under_way(connection: Connection, question: str) -> bool:
    """Whether somebody asks this just now."""
    return (await connection.execute(BEGUN, {"question": question})).rowcount > 0


async def begin(connection: Connection, call: Call) -> Begun:
    """Write down that a call is made, and hold its price; a file or run that is gone meanwhile is left out."""
    reserve = call.reserve
    held = {
        "id": new_id(),
        "estimated_input_tokens": reserve.input_tokens,
        "estimated_output_tokens": reserve.output_tokens,
        "usd_reserved": reserve.usd,
        "prices_as_of": reserve.prices_as_of,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BEGIN, {**asdict(call), **held})
        row = await cursor.fetchone()
    assert row is not None
    return Begun(held["id"], row["begun_at"])  # type: ignore[arg-type] # values of several types


async def renew(connection: Connection, call_id: UUID) -> None:
    """Give a sign of life."""
    await connection.execute(RENEW, {"id": call_id})


async def end_answered(connection: Connection, call_id: UUID, reply: Reply, usd: Decimal) -> None:
    """Write down the answer and what it cost, even if the call was given up meanwhile."""
    told = {"request_id": reply.request_id, "latency_ms": reply.latency_ms, "stop_reason": reply.stop_reason}
    kept = {"usd": usd, "answer": Jsonb(storable(reply.body))}
    await connection.execute(END, {**NOTHING, **asdict(reply.usage), **told, **kept, "id": call_id, "state": "answered"})


async def end_failed(connection: Connection, call_id: UUID, ending: Ending) -> None:
    """Write down why there is no answer, and what it may have cost."""
    await connection.execute(END, {**NOTHING, **asdict(ending), "id": call_id})


async def failures_of(connection: Connection, call: Call, fault: str) -> int:
    """How often this question met a fault in its run; where there is no run, within the last hour."""
    values = {"question": call.question, "analysis_run_id": call.analysis_run_id, "fault": fault}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FAILURES, values)
        row = await cursor.fetchone()
    assert row is not None
    return int(row["failures"])


NOTHING: dict[str, Any] = dict.fromkeys(
    (
        *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
        *("request_id", "latency_ms", "stop_reason", "answer", "fault", "error"),
    )
)
"""A row's values that not every ending has."""
