"""Routes of money: what may be spent, and what was."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from services.search.audit.notes import Noting
from services.search.http.conditions import require, version
from services.search.http.versions import IfMatch
from services.search.nova import usage as spending
from services.search.nova.money_schemas import BudgetAsk, BudgetChange, Budgets, BudgetTold, Usage
from services.search.resources import Provided
from shared.clock import utc_now
from shared.database import Connection
from shared.paying import budgets
from shared.paying.budget_rules import Budget, Standing

router = APIRouter(prefix="/api/nova", tags=["nova"])
reports = APIRouter(prefix="/reports/api", tags=["reports"])

Since = Annotated[date | None, Query(description="First day, of UTC; 30 days before the last, unless given.")]
Until = Annotated[date | None, Query(description="Last day, of UTC; today, unless given.")]


@router.get("/budgets", response_model=Budgets)
async def list_budgets(resources: Provided) -> JSONResponse:
    """All budgets, and what of each is spent, held and left."""
    async with resources.platform.database.connection() as connection:
        found = await budgets.standing(connection, utc_now())
    return JSONResponse({"budgets": [told(one) for one in found]})


@router.post("/budgets", status_code=201, response_model=BudgetTold)
async def create_budget(resources: Provided, notes: Noting, ask: BudgetAsk) -> JSONResponse:
    """Allow so much in each day or month; what may exceed it is refused, and what runs stops there."""
    async with resources.platform.database.transaction() as connection:
        made = await budgets.create(
            connection,
            name=ask.name,
            period=ask.period,
            usd=Decimal(str(ask.usd)),
            requested_by=ask.requested_by,
            enabled=ask.enabled,
        )
        notes.add(budget_id=made.id)
        return JSONResponse(told(await _standing(connection, made.id)), 201)


@router.put("/budgets/{budget_id}", response_model=BudgetTold)
async def change_budget(resources: Provided, budget_id: UUID, change: BudgetChange, if_match: IfMatch = None) -> JSONResponse:
    """Change what is given of a budget."""
    usd = None if change.usd is None else Decimal(str(change.usd))
    async with resources.platform.database.transaction() as connection:
        require(if_match, version_of(await budgets.locked(connection, budget_id)), "budget")
        await budgets.update(connection, budget_id, name=change.name, period=change.period, usd=usd, enabled=change.enabled)
        return JSONResponse(told(await _standing(connection, budget_id)))


@router.delete("/budgets/{budget_id}", status_code=204)
async def delete_budget(resources: Provided, budget_id: UUID, if_match: IfMatch = None) -> Response:
    """Remove a budget; what was spent stays in the ledger."""
    async with resources.platform.database.transaction() as connection:
        require(if_match, version_of(await budgets.locked(connection, budget_id)), "budget")
        await budgets.delete(connection, budget_id)
    return Response(status_code=204)


@router.get("/usage", response_model=Usage)
@reports.get("/summary", response_model=Usage)
async def get_usage(resources: Provided, since: Since = None, until: Until = None) -> JSONResponse:
    """What was spent, by day, model, purpose, analysis and person, and how far the estimates were off."""
    first, last = spending.days(since, until, utc_now().date())
    async with resources.platform.database.connection() as connection:
        return JSONResponse(await spending.usage(connection, first, last))


async def _standing(connection: Connection, budget_id: UUID) -> Standing:
    return next(one for one in await budgets.standing(connection, utc_now()) if one.budget.id == budget_id)


def told(standing: Standing) -> dict[str, Any]:
    """A budget as the API tells it."""
    budget = standing.budget
    return {
        **{name: getattr(budget, name) for name in ("name", "period", "requested_by", "enabled")},
        "id": str(budget.id),
        "usd": float(budget.usd),
        **{name: float(getattr(standing, name)) for name in ("spent", "reserved", "left")},
        **{name: getattr(standing, name).isoformat() for name in ("since", "until")},
        **{name: getattr(budget, name).isoformat() for name in ("created_at", "updated_at")},
        "version": version_of(budget),
    }


def version_of(budget: Budget) -> str:
    """The version of what people have set."""
    return version({name: getattr(budget, name) for name in BudgetAsk.model_fields})
