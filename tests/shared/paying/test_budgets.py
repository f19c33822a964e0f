"""What may be spent is never overspent, however many spend at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.clock import utc_now
from shared.database import Database
from shared.errors import Conflict, NotFound
from shared.identifiers import new_id
from shared.paying import budgets
from shared.paying.asking import PaidCalls
from shared.paying.budget_rules import Period
from shared.paying.calls import Reply
from shared.paying.errors import BudgetExceeded
from tests.support.library import count
from tests.support.paying import COST, USAGE, Provider, a_call, ask
from tests.support.waiting import until

pytestmark = pytest.mark.connected

ONE = Decimal(1)


async def allow(database: Database, usd: str, period: Period = "day", requested_by: str | None = None) -> None:
    async with database.connection() as connection:
        name = f"{requested_by or 'everybody'}, {period}"
        await budgets.create(connection, name=name, period=period, usd=Decimal(usd), requested_by=requested_by)


async def test_budgets_are_kept_changed_and_removed(database: Database) -> None:
    async with database.connection() as connection:
        made = await budgets.create(connection, name="Team", period="month", usd=Decimal("99.5"), requested_by="ada")
        assert await budgets.every(connection) == [made]
        changed = await budgets.update(connection, made.id, usd=Decimal(7), enabled=False)
        assert (changed.name, changed.period, changed.usd, changed.enabled) == ("Team", "month", Decimal(7), False)
        assert changed.updated_at > made.updated_at
        await budgets.delete(connection, made.id)
        assert await budgets.every(connection) == []
        with pytest.raises(NotFound):
            await budgets.delete(connection, made.id)
        with pytest.raises(NotFound):
            await budgets.update(connection, new_id(), usd=ONE)


async def test_two_budgets_cannot_have_one_name(database: Database) -> None:
    async with database.connection() as connection:
        await budgets.create(connection, name="Team", period="day", usd=ONE)
        other = await budgets.create(connection, name="Other", period="day", usd=ONE)
        with pytest.raises(Conflict, match='"Team"'):
            await budgets.create(connection, name="Team", period="month", usd=ONE)
        with pytest.raises(Conflict, match='"Team"'):
            await budgets.update(connection, other.id, name="Team")


@pytest.mark.parametrize(("period", "requested_by"), [("day", None), ("month", None), ("day", "ada"), ("month", "ada")])
async def test_a_call_that_a_budget_leaves_too_little_for_is_not_made(
    database: Database, period: Period, requested_by: str | None
) -> None:
    await allow(database, "0.9", period, requested_by)
    provider = Provider()
    with pytest.raises(
        BudgetExceeded, match=rf'"{requested_by or "everybody"}, {period}" allows.* 0.90 USD a {period}'
    ) as refused:
        await ask(PaidCalls(database), a_call(usd=ONE), provider)
    assert provider.asked == 0
    assert refused.value.usd == ONE
    assert await count(database, "model_calls") == 0


async def test_what_others_spend_and_what_is_off_does_not_count(database: Database) -> None:
    await allow(database, "1", "day", "ada")
    await allow(database, "0", "day", "grace")
    async with database.connection() as connection:
        off = await budgets.create(connection, name="off", period="day", usd=Decimal(0))
        await budgets.update(connection, off.id, enabled=False)
    calls = PaidCalls(database)
    await ask(calls, a_call("linus asks", usd=ONE, requested_by="linus"), Provider())
    await ask(calls, a_call(usd=ONE), Provider())


async def test_many_at_once_never_spend_more_than_there_is(database: Database) -> None:
    await allow(database, "5")
    provider = Provider(held=True)
    processes = [PaidCalls(database) for _ in range(4)]
    asking = [
        asyncio.create_task(ask(processes[number % 4], a_call(f"question {number}", usd=ONE), provider)) for number in range(16)
    ]
    await until(lambda: provider.asked + sum(task.done() for task in asking) == 16)
    provider.may_answer.set()
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert provider.asked == 5
    assert sum(isinstance(result, BudgetExceeded) for result in results) == 11


async def test_what_is_held_is_free_again_once_the_answer_cost_less(database: Database) -> None:
    await allow(database, "1")
    calls = PaidCalls(database)
    held = Provider(held=True)
    asking = asyncio.create_task(ask(calls, a_call("one", usd=ONE), held))
    await held.reached.wait()
    async with database.connection() as connection:
        [standing] = await budgets.standing(connection, utc_now())
    assert (standing.spent, standing.reserved, standing.left) == (Decimal(0), ONE, Decimal(0))
    with pytest.raises(BudgetExceeded):
        await ask(calls, a_call("two", usd=Decimal("0.5")), Provider())
    held.may_answer.set()
    await asking
    await ask(calls, a_call("two", usd=Decimal("0.5")), Provider())
    async with database.connection() as connection:
        [standing] = await budgets.standing(connection, utc_now())
    assert (standing.spent, standing.reserved, standing.left) == (2 * COST, Decimal(0), ONE - 2 * COST)


async def test_a_known_answer_costs_nothing_even_when_all_is_spent(database: Database) -> None:
    calls = PaidCalls(database)
    await ask(calls, a_call(usd=ONE), Provider())
    await allow(database, "0")
    assert (await ask(calls, a_call(usd=ONE), Provider())).cached


async def test_a_cost_above_the_price_held_is_counted_in_full(database: Database) -> None:
    calls = PaidCalls(database)
    dear = Reply(None, USAGE, None, None, None)
    await ask(calls, a_call(usd=Decimal("0.000001")), Provider(reply=dear))
    async with database.connection() as connection:
        await budgets.create(connection, name="Team", period="day", usd=ONE)
        [standing] = await budgets.standing(connection, utc_now())
    assert standing.spent == COST


async def test_days_and_months_are_those_of_utc(database: Database) -> None:
    await allow(database, "1", "day")
    await allow(database, "1", "month")
    await ask(PaidCalls(database), a_call(usd=ONE), Provider())
    begun_at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    async with database.connection() as connection:
        await connection.execute("UPDATE model_calls SET begun_at = %s, usd = 1", (begun_at,))
        for later, spent in [(0, [1, 1]), (29, [1, 1]), (30, [0, 0]), (-30 * 60, [0, 1]), (-24 * 60 * 29, [0, 1])]:
            at = begun_at + timedelta(minutes=later)
            assert [one.spent for one in await budgets.standing(connection, at)] == spent, at
        with pytest.raises(BudgetExceeded, match="2026-12-01 at 00:00 UTC"):
            await budgets.refuse_if_over(connection, "ada", ONE, begun_at)
        await budgets.refuse_if_over(connection, "ada", ONE, begun_at + timedelta(minutes=30))
