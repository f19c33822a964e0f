"""Whether a budget leaves enough, and in which words it does not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

Period = Literal["day", "month"]


@dataclass(frozen=True)
class Budget:
    """What may be spent in each day or month of UTC: by one person, or by all together if `requested_by` is None."""

    id: UUID
    name: str
    period: Period
    requested_by: str | None
    usd: Decimal
    enabled: bool
    created_at: datetime
    updated_at: datetime

    def applies_to(self, requested_by: str) -> bool:
        """Whether what this person asks for counts."""
        return self.enabled and self.requested_by in (None, requested_by)


@dataclass(frozen=True)
class Standing:
    """A budget in its present period: what calls cost that have ended, and what those under way may cost at most."""

    budget: Budget
    spent: Decimal
    reserved: Decimal
    since: datetime
    until: datetime

    @property
    def left(self) -> Decimal:
        """What may still be spent."""
        return max(self.budget.usd - self.spent - self.reserved, Decimal(0))


def period_of(period: Period, at: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the day or month in which a moment of UTC lies."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day, day + timedelta(days=1)
    month = day.replace(day=1)
    return month, (month + timedelta(days=32)).replace(day=1)


def exceeded(standing: Standing, usd: Decimal) -> bool:
    """Whether so much more is too much; what costs nothing never is."""
    return usd > 0 and usd > standing.budget.usd - standing.spent - standing.reserved


def sentence(standing: Standing, usd: Decimal) -> str:
    """Why so much more is too much, and what to do."""
    budget = standing.budget
    whose = "" if budget.requested_by is None else f" to {budget.requested_by}"
    return (
        f'The budget "{budget.name}" allows{whose} {money(budget.usd)} a {budget.period}; {money(standing.spent)} are spent '
        f"and {money(standing.reserved)} held for calls under way, and this may cost up to {money(usd)}. Raise it with "
        f"./spillway nova budget, ask for less, or wait until it begins anew on {standing.until:%Y-%m-%d at %H:%M} UTC."
    )


def money(usd: Decimal) -> str:
    """Dollars for people: cents, and more digits for what is less than a few of them."""
    return f"{usd:.2f} USD" if usd == 0 or usd >= Decimal("0.1") else f"{usd:.6f} USD"
