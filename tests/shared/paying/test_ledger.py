"""The ledger tells what was spent, on what, and how good the estimates were."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.clock import utc_now
from shared.database import Database
from shared.identifiers import new_id
from shared.models.prices import Usage
from shared.paying import ledger
from shared.paying.asking import PaidCalls
from shared.paying.calls import Reply
from shared.paying.ledger import Grouping
from tests.support.library import add_file
from tests.support.paying import COST, HELD, REPLY, USAGE, Provider, a_call, ask

pytestmark = pytest.mark.connected

HOUR = timedelta(hours=1)
RUN = """
    INSERT INTO analysis_runs (id, file_id, revision, model, prompt_version, analyses, requested_by)
    VALUES (%s, %s, 1, '2-lite', 'nova-1', '{summary}', 'ada')
"""


@pytest.fixture
async def asked(database: Database) -> None:
    """Four calls: two of ada's, one of grace's, and one that was lost."""
    calls = PaidCalls(database)
    await ask(calls, a_call("one"), Provider())
    await ask(calls, a_call("two", purpose="merge"), Provider())
    await ask(calls, a_call("three", requested_by="grace", model="pro"), Provider())
    with pytest.raises(ConnectionResetError):
        await ask(calls, a_call("four"), Provider(fault=ConnectionResetError()))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("all", {"all": (4, 1, 3 * COST + HELD)}),
        ("user", {"ada": (3, 1, 2 * COST + HELD), "grace": (1, 0, COST)}),
        ("model", {"2-lite": (3, 1, 2 * COST + HELD), "pro": (1, 0, COST)}),
        ("purpose", {"analysis": (3, 1, 2 * COST + HELD), "merge": (1, 0, COST)}),
    ],
)
@pytest.mark.usefixtures("asked")
async def test_money_is_told_by_what_it_was_for(
    database: Database, by: Grouping, expected: dict[str, tuple[int, int, Decimal]]
) -> None:
    async with database.connection() as connection:
        rows = await ledger.spent(connection, utc_now() - HOUR, utc_now() + HOUR, by=by)
    assert {row.key: (row.calls, row.lost, row.usd) for row in rows} == expected


@pytest.mark.usefixtures("asked")
async def test_money_is_told_by_day_of_utc_and_by_person(database: Database) -> None:
    late = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET begun_at = %s", (late,))
        await connection.execute("UPDATE model_calls SET begun_at = %s WHERE question = 'two'", (late + HOUR,))
        await connection.execute("SET timezone = 'Asia/Tokyo'")
        rows = await ledger.spent(connection, late - HOUR, late + 2 * HOUR, by="day", requested_by="ada")
        outside = await ledger.spent(connection, late - 2 * HOUR, late)
        await connection.execute("RESET timezone")
    assert [(row.key, row.calls, row.usd) for row in rows] == [("2026-11-20", 2, COST + HELD), ("2026-11-21", 1, COST)]
    assert outside == []


async def test_a_runs_calls_and_what_it_cost(database: Database) -> None:
    run_id = new_id()
    async with database.transaction() as connection:
        event = await add_file(connection)
        await connection.execute(RUN, (run_id, event.file_id))
    calls = PaidCalls(database)
    await ask(calls, a_call("one", analysis_run_id=run_id, file_id=event.file_id), Provider())
    with pytest.raises(OSError, match="gone"):
        await ask(calls, a_call("two", analysis_run_id=run_id), Provider(fault=OSError("gone")))
    await ask(calls, a_call("another's"), Provider())
    async with database.connection() as connection:
        found = await ledger.calls_of(connection, run_id)
        cost = await ledger.cost_of(connection, run_id)
        nothing = await ledger.cost_of(connection, new_id())
        newest = await ledger.calls(connection, utc_now() - HOUR, utc_now() + HOUR, limit=2)
    assert [(call.state, call.usd, call.file_id) for call in found] == [
        ("answered", COST, event.file_id),
        ("lost", HELD, None),
    ]
    assert (cost.calls, cost.lost, cost.usd, cost.input_tokens) == (2, 1, COST + HELD, USAGE.input_tokens)
    assert (nothing.calls, nothing.usd) == (0, Decimal(0))
    assert newest[-1] == found[-1]


async def test_the_estimates_errors_are_told(database: Database) -> None:
    calls = PaidCalls(database)
    await ask(calls, a_call("as estimated"), Provider(reply=metered(Usage(1000, 250, 60, 40))))
    await ask(calls, a_call("half"), Provider(reply=metered(Usage(550, 500))))
    await ask(calls, a_call("another purpose", purpose="merge"), Provider(reply=metered(Usage(1, 1))))
    async with database.connection() as connection:
        error = await ledger.estimate_error(connection, utc_now() - HOUR)
        nothing = await ledger.estimate_error(connection, utc_now() + HOUR)
    assert error.calls == 2
    assert error.input_tokens == ledger.Ratio(mean=0.75, lowest=0.5, highest=1.0)
    assert error.output_tokens == ledger.Ratio(mean=0.75, lowest=0.5, highest=1.0)
    assert error.usd is not None
    assert error.usd.highest == pytest.approx(float((550 * Decimal("0.0000015") + 500 * Decimal("0.000005")) / HELD))
    assert nothing == ledger.EstimateError(0, None, None, None)


def metered(usage: Usage) -> Reply:
    values: dict[str, Any] = {**vars(REPLY), "usage": usage}
    return Reply(**values)


@pytest.mark.usefixtures("asked")
async def test_the_sums_are_those_of_the_ledger_whatever_becomes_of_its_rows(database: Database) -> None:
    differing = """
        SELECT FROM (SELECT (begun_at AT TIME ZONE 'UTC')::date AS day, requested_by, sum(usd) AS usd
                     FROM model_calls WHERE usd > 0 GROUP BY 1, 2) AS counted
        FULL JOIN (SELECT * FROM model_spending WHERE usd <> 0) AS summed USING (day, requested_by)
        WHERE counted.usd IS DISTINCT FROM summed.usd
    """
    changes = (
        "SELECT 1",
        "UPDATE model_calls SET usd = 7 WHERE state = 'lost'",
        "UPDATE model_calls SET usd = 0 WHERE question = 'one'",
        "UPDATE model_calls SET begun_at = begun_at - interval '1 day' WHERE question = 'two'",
        "UPDATE model_calls SET requested_by = 'linus' WHERE question = 'three'",
    )
    async with database.connection() as connection:
        for change in changes:
            await connection.execute(change)
            assert (await connection.execute(differing.encode())).rowcount == 0, change
