"""What was spent, from the ledger: by day, model, purpose, analysis and person, and how good the estimates were."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from shared.database import Connection
from shared.errors import Invalid
from shared.paying import ledger
from shared.paying.ledger import Grouping, Spent

DAYS = 30
"""So many days are told unless others are asked for."""
LONGEST = 3660
"""Days that can be asked for at once."""
GROUPINGS: tuple[Grouping, ...] = ("day", "model", "purpose", "user")

# One call finds out several things together: they are told as they were asked, since nobody can say what part costs what.
BY_ANALYSIS = f"""
    SELECT coalesce(array_to_string(run.analyses, ' + '), call.purpose) AS key, {ledger.SUMS}
    FROM (SELECT * FROM model_calls WHERE begun_at >= %(since)s AND begun_at < %(until)s) AS call
    LEFT JOIN (SELECT id AS run_id, analyses FROM analysis_runs) AS run ON run.run_id = call.analysis_run_id
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - built of constants

NONE = Spent("all", 0, 0, 0, 0, 0, 0, Decimal(0), Decimal(0))


async def usage(connection: Connection, since: date, until: date) -> dict[str, Any]:
    """What was spent from one day to another, both of UTC and both counted; the fields are those of `Usage`."""
    begin, end = span(since, until)
    sums = await ledger.spent(connection, begin, end)
    found = {f"by_{by}": await ledger.spent(connection, begin, end, by=by) for by in GROUPINGS}
    found["by_analysis"] = await by_analysis(connection, begin, end)
    return {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "total": told(sums[0] if sums else NONE),
        **{name: [told(one) for one in rows] for name, rows in found.items()},
        "estimates": asdict(await ledger.estimate_error(connection, begin)),
    }


async def by_analysis(connection: Connection, since: datetime, until: datetime) -> list[Spent]:
    """What was spent on each set of analyses that was asked together; of calls without a run, by their purpose."""
    async with connection.cursor(row_factory=class_row(Spent)) as cursor:
        await cursor.execute(BY_ANALYSIS.encode(), {"since": since, "until": until})
        return await cursor.fetchall()


def days(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The days that are meant: the last thirty, unless others are given; raises Invalid."""
    last = until or max(today, since or today)
    first = since or last - timedelta(days=DAYS - 1)
    if first > last:
        raise Invalid(f"The first day, {first}, is after the last, {last}; give them the other way round.")
    if (last - first).days >= LONGEST:
        raise Invalid(f"Ask for at most {LONGEST} days at once.")
    return first, last


def span(since: date, until: date) -> tuple[datetime, datetime]:
    """The time from the beginning of one day to the end of another, in UTC."""
    begin = datetime.combine(since, time(), UTC)
    return begin, datetime.combine(until, time(), UTC) + timedelta(days=1)


def told(spent: Spent) -> dict[str, Any]:
    """Sums as JSON has them."""
    return {
        name: float(value) if isinstance(value, Decimal) else int(value) if name != "key" else value
        for name, value in asdict(spent).items()
    }
