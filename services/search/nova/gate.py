"""What every request for analyses passes before anything is begun: can the model do it, what does it cost, is that allowed."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql

from services.search.nova import groups
from services.search.nova.choosing import chosen, pinned, require_rules, types_by_kind
from services.search.nova.groups import Group
from services.search.nova.pricing import FREE_NOTE, Priced, Pricing, nothing, priced, require_measured, told
from services.search.resources import Resources
from shared import jobs
from shared.analyses import LOCAL, AnalysisOptions, options_of
from shared.batch_requests import BatchRequest, selected, unfinished
from shared.clock import utc_now
from shared.contracts import Kind, Stage
from shared.database import Connection
from shared.errors import NotFound
from shared.models.capabilities import require
from shared.models.catalogue import Model
from shared.paying import budgets

EACH = 100
"""Files that are priced one by one."""


@dataclass(frozen=True)
class Admitted:
    """A request that may be begun, and what it is answered with besides: the model and the cost."""

    request: BatchRequest
    told: dict[str, Any]


async def admitted(
    connection: Connection, resources: Resources, request: BatchRequest, requested_by: str, job_id: UUID | None = None
) -> Admitted:
    """The request with its model and price; raises Invalid if the model cannot do it, BudgetExceeded if it may cost too much.

    What was begun already under the id that is given is not measured against the budgets again: it may have used them up.
    """
    options = options_of(request.options)
    key = chosen(options, analyst=resources.settings.analyst, default=resources.bedrock.default_model)
    if key == LOCAL:
        require_rules(types_by_kind(options, await groups.kinds(connection, *meant(request))))
        return Admitted(request, {"model": LOCAL, "cost": nothing(LOCAL, None, FREE_NOTE)})
    model = await find_model(connection, resources, key)
    wanted = pinned(request, options, key, requested_by=requested_by)
    condition, values = meant(wanted)
    found = await price_of(connection, resources, model, options_of(wanted.options), condition, values)
    if job_id is None or not await is_begun(connection, job_id):
        await budgets.refuse_if_over(connection, requested_by, found.usd_high, utc_now())
    return Admitted(wanted, {"model": key, "cost": told(found, model)})


def meant(request: BatchRequest) -> tuple[sql.Composable, dict[str, Any]]:
    """The files that a request for analyses will be about, as a condition on `files`, and the values that it names."""
    condition, values = selected(request)
    return sql.SQL("({}) AND ({})").format(condition, unfinished(request, Stage.ANALYSE)), values


async def find_model(connection: Connection, resources: Resources, key: str) -> Model:
    """The model, which can be called where we are; raises Invalid."""
    model = (await resources.catalogues.current(connection, resources.bedrock)).find(key)
    model.called(resources.bedrock.scope)
    return model


async def price_of(
    connection: Connection,
    resources: Resources,
    model: Model,
    options: AnalysisOptions,
    condition: sql.Composable,
    values: dict[str, Any],
) -> Priced:
    """What the files come to; raises Invalid if the model cannot be asked that about one of their kinds."""
    require_all(model, options, await groups.kinds(connection, condition, values))
    number = await groups.number_of(connection, condition, values)
    if number <= EACH:
        found = await groups.each(connection, condition, values, options)
    else:
        found = await groups.alike(connection, condition, values, options, number)
    return await asyncio.to_thread(price_of_groups, resources, model, options, found)


def price_of_groups(resources: Resources, model: Model, options: AnalysisOptions, found: list[Group]) -> Priced:
    """What groups of files come to; raises Invalid if nobody can tell."""
    answer = priced(found, Pricing(model, resources.bedrock, options))
    require_measured(answer)
    return answer


def require_all(model: Model, options: AnalysisOptions, kinds: list[Kind]) -> None:
    """Raise Invalid if the model cannot be asked that about files of one of these kinds."""
    today = utc_now().date()
    for kind, types in types_by_kind(options, kinds).items():
        require(model, kind, types, today)


async def is_begun(connection: Connection, job_id: UUID) -> bool:
    """Whether there is a job with this id."""
    try:
        await jobs.find(connection, job_id)
    except NotFound:
        return False
    return True


async def budgets_left(connection: Connection, usd: Decimal, requested_by: str) -> list[dict[str, Any]]:
    """What each budget that applies to this person would have left after so much."""
    return [
        {
            "name": one.budget.name,
            "period": one.budget.period,
            "usd": float(one.budget.usd),
            "left": float(one.left),
            "left_after": float(one.budget.usd - one.spent - one.reserved - usd),
            "enough": one.budget.usd - one.spent - one.reserved >= usd or usd == 0,
        }
        for one in await budgets.standing(connection, utc_now())
        if one.budget.applies_to(requested_by)
    ]
