"""What the API takes and answers about budgets and about what was spent."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.search.http.versions import Version
from services.search.schemas import Schema

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Usd = Annotated[float, Field(ge=0, le=9_999_999, allow_inf_nan=False, description="US dollars in each period.")]
Person = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class BudgetAsk(Schema):
    """A budget: what may be spent in each day or month of UTC."""

    name: Name
    period: Literal["day", "month"]
    usd: Usd
    requested_by: Person | None = Field(None, description="Whose; null for everybody's together.")
    enabled: bool = True


class BudgetChange(Schema):
    """What is to change of a budget; what is not given stays."""

    name: Name | None = None
    period: Literal["day", "month"] | None = None
    usd: Usd | None = None
    enabled: bool | None = None


class BudgetTold(Schema):
    """A budget, and what of it is spent in the present period."""

    id: UUID
    name: str
    period: Literal["day", "month"]
    requested_by: str | None
    usd: float
    enabled: bool
    spent: float
    reserved: float = Field(description="What calls under way may cost at most.")
    left: float
    since: datetime
    until: datetime = Field(description="When it begins anew.")
    created_at: datetime
    updated_at: datetime
    version: Version


class Budgets(Schema):
    """All budgets, those for everybody first."""

    budgets: list[BudgetTold]


class Spent(Schema):
    """What calls took together."""

    key: str = Field(description="The day, model, purpose, analysis or person.")
    calls: int
    lost: int = Field(description="Calls whose answer never came; they count at the price that was held for them.")
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    usd: float
    usd_reserved: float


class Ratio(Schema):
    """What was metered over what was estimated: 1 is exact, more than 1 was estimated too low."""

    mean: float
    lowest: float
    highest: float


class EstimateError(Schema):
    """How far estimates were off; of output tokens and dollars the estimate is the most that it may be."""

    calls: int
    input_tokens: Ratio | None
    output_tokens: Ratio | None
    usd: Ratio | None


class Usage(Schema):
    """What was spent in a span of time, by what."""

    since: date
    until: date = Field(description="The last day that counts.")
    total: Spent
    by_day: list[Spent]
    by_model: list[Spent]
    by_purpose: list[Spent]
    by_analysis: list[Spent]
    by_user: list[Spent]
    estimates: EstimateError
