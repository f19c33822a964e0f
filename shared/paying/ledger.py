"""What the ledger tells: what was spent and on what, what a run cost, and how good the estimates were."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import JsonValue

from shared.database import Connection

T = TypeVar("T")

Grouping = Literal["all", "day", "model", "purpose", "user"]

KEYS: dict[Grouping, str] = {
    "all": "'all'",
    "day": "to_char(begun_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
    "model": "model",
    "purpose": "purpose",
    "user": "requested_by",
}

SUMS = """
    count(*) FILTER (WHERE state <> 'refused') AS calls, count(*) FILTER (WHERE state = 'lost') AS lost,
    coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
    coalesce(sum(cache_read_tokens), 0) AS cache_read_tokens, coalesce(sum(cache_write_tokens), 0) AS cache_write_tokens,
    coalesce(sum(usd), 0) AS usd, coalesce(sum(usd_reserved) FILTER (WHERE state = 'begun'), 0) AS usd_reserved
"""

SPENT = """
    SELECT {key} AS key, {sums} FROM model_calls
    WHERE begun_at >= %(since)s AND begun_at < %(until)s
      AND (%(requested_by)s::text IS NULL OR requested_by = %(requested_by)s)
    GROUP BY 1 ORDER BY 1
"""

COST_OF = f"SELECT 'all' AS key, {SUMS} FROM model_calls WHERE analysis_run_id = %(run_id)s"  # noqa: S608 - ours

COLUMNS = """
    id, purpose, provider, model, model_id, state, file_id, analysis_run_id, requested_by, estimated_input_tokens,
    estimated_output_tokens, usd_reserved, prices_as_of, request_id, input_tokens, output_tokens, cache_read_tokens,
    cache_write_tokens, usd, latency_ms, stop_reason, fault, error, begun_at, ended_at
"""

CALLS_OF = f"SELECT {COLUMNS} FROM model_calls WHERE analysis_run_id = %(run_id)s ORDER BY begun_at, id"  # noqa: S608 - ours

CALLS = f"""
    SELECT {COLUMNS} FROM model_calls WHERE begun_at >= %(since)s AND begun_at < %(until)s
    ORDER BY begun_at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 - as above

FORGET = "UPDATE model_calls SET answer = NULL WHERE id = ANY(%(ids)s)"

KEEP = "UPDATE model_calls SET answer = %(answer)s WHERE id = %(id)s AND state = 'answered' AND answer IS NOT NULL"

ERROR = """
    SELECT count(*) AS calls, {ratios}
    FROM (SELECT (input_tokens + cache_read_tokens + cache_write_tokens)::numeric / nullif(estimated_input_tokens, 0) AS input,
                 output_tokens::numeric / nullif(estimated_output_tokens, 0) AS output, usd / nullif(usd_reserved, 0) AS usd
          FROM model_calls
          WHERE state = 'answered' AND begun_at >= %(since)s AND purpose = ANY(%(purposes)s)) AS answered
"""
ESTIMATED = ("input", "output", "usd")
RATIOS = ", ".join(
    f"{word}({name})::float8 AS {name}_{told}"
    for name in ESTIMATED
    for word, told in (("avg", "mean"), ("min", "lowest"), ("max", "highest"))
)


@dataclass(frozen=True)
class Spent:
    """What the calls of one day, model, purpose or user took. `lost` ones may have been billed and count at the price held.

    `usd` is what calls cost that have ended, `usd_reserved` what those under way may cost at most; refused ones are left out.
    """

    key: str
    calls: int
    lost: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    usd: Decimal
    usd_reserved: Decimal


@dataclass(frozen=True)
class PaidCall:
    """A row of the ledger, without its answer."""

    id: UUID
    purpose: str
    provider: str
    model: str
    model_id: str
    state: Literal["begun", "answered", "refused", "lost"]
    file_id: UUID | None
    analysis_run_id: UUID | None
    requested_by: str
    estimated_input_tokens: int
    estimated_output_tokens: int
    usd_reserved: Decimal
    prices_as_of: date
    request_id: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    usd: Decimal | None
    latency_ms: int | None
    stop_reason: str | None
    fault: str | None
    error: str | None
    begun_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Ratio:
    """What was metered over what was estimated: 1 is exact, more than 1 was estimated too low."""

    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class EstimateError:
    """How far estimates were off, over so many answered calls; None where there is nothing to compare.

    Output tokens and dollars are estimated at most, so that their ratios should stay below 1.
    """

    calls: int
    input_tokens: Ratio | None
    output_tokens: Ratio | None
    usd: Ratio | None


async def spent(
    connection: Connection, since: datetime, until: datetime, *, by: Grouping = "all", requested_by: str | None = None
) -> list[Spent]:
    """What was spent on calls begun in a span of time, by day of UTC, model, purpose or user; nothing where there was none."""
    statement = SPENT.format(key=KEYS[by], sums=SUMS)
    return await _rows(connection, Spent, statement, {"since": since, "until": until, "requested_by": requested_by})


async def cost_of(connection: Connection, run_id: UUID) -> Spent:
    """What an analysis run cost by now."""
    return (await _rows(connection, Spent, COST_OF, {"run_id": run_id}))[0]


async def calls_of(connection: Connection, run_id: UUID) -> list[PaidCall]:
    """An analysis run's calls, the first first."""
    return await _rows(connection, PaidCall, CALLS_OF, {"run_id": run_id})


async def calls(connection: Connection, since: datetime, until: datetime, *, limit: int = 1000) -> list[PaidCall]:
    """The calls begun in a span of time, the newest first."""
    return await _rows(connection, PaidCall, CALLS, {"since": since, "until": until, "limit": limit})


async def forget_answers(connection: Connection, call_ids: Collection[UUID]) -> None:
    """Drop answers that are of no use; what they cost stays. Who asks the same again pays again."""
    await connection.execute(FORGET, {"ids": list(call_ids)})


async def keep_answer(connection: Connection, call_id: UUID, body: JsonValue) -> None:
    """Put what an answer led to in its place, where the answer itself is of no more use."""
    await connection.execute(KEEP, {"id": call_id, "answer": Jsonb(body)})


async def estimate_error(
    connection: Connection, since: datetime, *, purposes: Collection[str] = ("analysis",)
) -> EstimateError:
    """How far the estimates of calls answered since then were off."""
    statement = ERROR.format(ratios=RATIOS)
    async with connection.cursor(row_factory=class_row(dict)) as cursor:
        await cursor.execute(statement.encode(), {"since": since, "purposes": list(purposes)})
        row = await cursor.fetchone()
    assert row is not None
    input_tokens, output_tokens, usd = (_ratio(row, name) for name in ESTIMATED)
    return EstimateError(row["calls"], input_tokens, output_tokens, usd)


def _ratio(row: dict[str, Any], name: str) -> Ratio | None:
    if row[f"{name}_mean"] is None:
        return None
    return Ratio(row[f"{name}_mean"], row[f"{name}_lowest"], row[f"{name}_highest"])


async def _rows(connection: Connection, kind: type[T], statement: str, values: dict[str, Any]) -> list[T]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(statement.encode(), values)
        return await cursor.fetchall()
