"""Budgets: what may be spent, and what of it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import errors
from psycopg.rows import class_row, dict_row

from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id
from shared.paying.budget_rules import Budget, Period, Standing, exceeded, period_of, sentence
from shared.paying.errors import BudgetExceeded

COLUMNS = "id, name, period, requested_by, usd, enabled, created_at, updated_at"

CREATE = f"""
    INSERT INTO budgets (id, name, period, requested_by, usd, enabled)
    VALUES (%(id)s, %(name)s, %(period)s, %(requested_by)s, %(usd)s, %(enabled)s) RETURNING {COLUMNS}
"""  # noqa: S608 - the columns are ours

UPDATE = f"""
    UPDATE budgets SET name = coalesce(%(name)s, name), period = coalesce(%(period)s, period),
        usd = coalesce(%(usd)s, usd), enabled = coalesce(%(enabled)s, enabled), updated_at = now()
    WHERE id = %(id)s RETURNING {COLUMNS}
"""  # noqa: S608 - as above

EVERY = f"SELECT {COLUMNS} FROM budgets ORDER BY requested_by NULLS FIRST, period, name"  # noqa: S608 - as above

LOCKED = f"SELECT {COLUMNS} FROM budgets WHERE id = %(id)s FOR UPDATE"  # noqa: S608 - as above

SPENT = """
    SELECT
        (SELECT coalesce(sum(usd), 0) FROM model_spending
         WHERE day >= %(first)s AND day < %(after)s
           AND (%(requested_by)s::text IS NULL OR requested_by = %(requested_by)s)) AS spent,
        (SELECT coalesce(sum(usd_reserved), 0) FROM model_calls
         WHERE state = 'begun' AND begun_at >= %(since)s AND begun_at < %(until)s
           AND (%(requested_by)s::text IS NULL OR requested_by = %(requested_by)s)) AS reserved
"""


async def create(
    connection: Connection,
    *,
    name: str,
    period: Period,
    usd: Decimal,
    requested_by: str | None = None,
    enabled: bool = True,
) -> Budget:
    """A new budget, for one person or for all together; raises Conflict if its name is taken."""
    values = {"id": new_id(), "name": name, "period": period, "usd": usd, "requested_by": requested_by, "enabled": enabled}
    return await _written(connection, CREATE, values)


async def locked(connection: Connection, budget_id: UUID) -> Budget:
    """The budget, which nobody else changes until the transaction ends; raises NotFound."""
    return await _written(connection, LOCKED, {"id": budget_id})


async def update(
    connection: Connection,
    budget_id: UUID,
    *,
    name: str | None = None,
    period: Period | None = None,
    usd: Decimal | None = None,
    enabled: bool | None = None,
) -> Budget:
    """Change what is given; raises NotFound, or Conflict if the name is taken."""
    values = {"id": budget_id, "name": name, "period": period, "usd": usd, "enabled": enabled}
    return await _written(connection, UPDATE, values)


async def _written(connection: Connection, statement: str, values: dict[str, Any]) -> Budget:
    try:
        async with connection.cursor(row_factory=class_row(Budget)) as cursor:
            await cursor.execute(statement.encode(), values)
            budget = await cursor.fetchone()
    except errors.UniqueViolation as error:
        raise Conflict(f'There is a budget "{values["name"]}" already; change that one, or choose another name.') from error
    if budget is None:
        raise NotFound("budget", values["id"])
    return budget


async def every(connection: Connection) -> Sequence[Budget]:
    """All budgets, those for everybody first."""
    async with connection.cursor(row_factory=class_row(Budget)) as cursor:
        await cursor.execute(EVERY.encode())
        return await cursor.fetchall()


async def delete(connection: Connection, budget_id: UUID) -> None:
    """Remove a budget; raises NotFound."""
    cursor = await connection.execute("DELETE FROM budgets WHERE id = %(id)s", {"id": budget_id})
    if not cursor.rowcount:
        raise NotFound("budget", budget_id)


async def standing(connection: Connection, at: datetime) -> list[Standing]:
    """Each budget, as it stands at a moment."""
    return [await _standing(connection, budget, at) for budget in await every(connection)]


async def refuse_if_over(connection: Connection, requested_by: str, usd: Decimal, at: datetime) -> None:
    """Raise BudgetExceeded if some budget leaves less than so many dollars for what this person asks for."""
    for budget in await every(connection):
        if budget.applies_to(requested_by):
            found = await _standing(connection, budget, at)
            if exceeded(found, usd):
                raise BudgetExceeded(budget.name, usd, sentence(found, usd))


async def _standing(connection: Connection, budget: Budget, at: datetime) -> Standing:
    since, until = period_of(budget.period, at.astimezone(UTC))
    days = {"first": since.date(), "after": until.date()}
    values = {**days, "since": since, "until": until, "requested_by": budget.requested_by}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SPENT, values)
        row = await cursor.fetchone()
    assert row is not None
    return Standing(budget, row["spent"], row["reserved"], since, until)
