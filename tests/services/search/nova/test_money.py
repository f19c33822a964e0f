"""Budgets and what was spent, over REST."""

from datetime import UTC, date, datetime
from uuid import uuid4

import httpx
import pytest

from services.search.nova.money_schemas import Budgets, BudgetTold, Usage
from services.search.nova.usage import days
from shared.database import Database
from shared.errors import Invalid
from tests.services.search.nova.asking import problem
from tests.support.analysed import add_call, add_run
from tests.support.asking import file_at


def test_thirty_days_are_told_unless_others_are_given() -> None:
    today = date(2026, 8, 31)
    assert days(None, None, today) == (date(2026, 8, 2), today)
    assert days(date(2026, 1, 1), None, today) == (date(2026, 1, 1), today)
    assert days(None, date(2026, 2, 1), today) == (date(2026, 1, 3), date(2026, 2, 1))
    with pytest.raises(Invalid, match="other way round"):
        days(date(2026, 2, 1), date(2026, 1, 1), today)
    with pytest.raises(Invalid, match="at most"):
        days(date(1990, 1, 1), None, today)


@pytest.mark.connected
class TestRoutes:
    async def test_a_budget_from_its_beginning_to_its_end(self, database: Database, http: httpx.AsyncClient) -> None:
        response = await http.post("/api/nova/budgets", json={"name": "daily", "period": "day", "usd": 5})
        assert response.status_code == 201, response.text
        made = BudgetTold.model_validate_json(response.content)
        assert (made.spent, made.left, made.requested_by, made.enabled) == (0.0, 5.0, None, True)
        async with database.transaction() as connection:
            await add_call(connection, usd=1.25, at=datetime.now(UTC))
            await add_call(connection, state="begun", usd=None, at=datetime.now(UTC))
        [told] = Budgets.model_validate_json((await http.get("/api/nova/budgets")).content).budgets
        assert (told.spent, told.reserved, told.left) == (1.25, 0.02, 3.73)
        changed = (await http.put(f"/api/nova/budgets/{made.id}", json={"usd": 2.5, "enabled": False})).json()
        assert (changed["usd"], changed["enabled"], changed["name"]) == (2.5, False, "daily")
        assert (await http.delete(f"/api/nova/budgets/{made.id}")).status_code == 204
        assert (await http.get("/api/nova/budgets")).json() == {"budgets": []}

    async def test_a_name_is_taken_once(self, http: httpx.AsyncClient) -> None:
        wanted = {"name": "daily", "period": "month", "usd": 0.1, "requested_by": "ada"}
        assert (await http.post("/api/nova/budgets", json=wanted)).json()["usd"] == 0.1
        assert "daily" in await problem(await http.post("/api/nova/budgets", json=wanted), 409)

    @pytest.mark.parametrize(
        "wrong", [{"usd": -1}, {"period": "year"}, {"name": ""}, {"name": "\x00"}, {"usd": "nan"}, {"colour": 1}]
    )
    async def test_what_is_no_budget_is_refused(self, http: httpx.AsyncClient, wrong: dict[str, object]) -> None:
        wanted = {"name": "daily", "period": "day", "usd": 5, **wrong}
        await problem(await http.post("/api/nova/budgets", json=wanted), 422)

    async def test_what_is_not_there_is_not_found(self, http: httpx.AsyncClient) -> None:
        await problem(await http.put(f"/api/nova/budgets/{uuid4()}", json={"usd": 1}), 404)
        await problem(await http.delete(f"/api/nova/budgets/{uuid4()}"), 404)

    async def test_usage_is_told_by_everything_that_can_be_asked(self, database: Database, http: httpx.AsyncClient) -> None:
        async with database.transaction() as connection:
            film = await file_at(connection, "/a.mp4")
            run_id = await add_run(connection, film, analyses=("summary", "chapters"))
            await add_call(connection, film, run_id, usd=0.25, at=datetime(2026, 8, 1, 23, 59, tzinfo=UTC))
            await add_call(connection, purpose="query", usd=0.01, at=datetime(2026, 8, 2, tzinfo=UTC), requested_by="ada")
            await add_call(connection, usd=9, at=datetime(2026, 8, 3, tzinfo=UTC))
        response = await http.get("/api/nova/usage?since=2026-08-01&until=2026-08-02")
        told = Usage.model_validate_json(response.content)
        assert (told.total.usd, told.total.calls, told.total.input_tokens) == (0.26, 2, 1800)
        assert [(one.key, one.usd) for one in told.by_day] == [("2026-08-01", 0.25), ("2026-08-02", 0.01)]
        assert [(one.key, one.usd) for one in told.by_analysis] == [("query", 0.01), ("summary + chapters", 0.25)]
        assert [one.key for one in told.by_user] == ["ada", "local"]
        assert [one.key for one in told.by_model] == ["2-lite"]
        assert {one.key for one in told.by_purpose} == {"analysis", "query"}
        assert told.estimates.input_tokens is not None
        assert told.estimates.input_tokens.mean == 0.9
        assert (await http.get("/reports/api/summary?since=2026-08-01&until=2026-08-02")).json() == response.json()
        await problem(await http.get("/api/nova/usage?since=2026-08-02&until=2026-08-01"), 422)

    async def test_without_calls_there_is_nothing(self, http: httpx.AsyncClient) -> None:
        told = Usage.model_validate_json((await http.get("/api/nova/usage")).content)
        assert (told.total.usd, told.by_day, told.estimates.usd) == (0.0, [], None)
