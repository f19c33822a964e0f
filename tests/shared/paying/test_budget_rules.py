"""A budget is kept to the last of its cents."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.paying.budget_rules import Budget, Period, Standing, exceeded, money, period_of, sentence

AT = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


def a_standing(
    usd: str, spent: str = "0", reserved: str = "0", *, requested_by: str | None = None, period: Period = "day"
) -> Standing:
    budget = Budget(uuid4(), "Team", period, requested_by, Decimal(usd), True, AT, AT)
    return Standing(budget, Decimal(spent), Decimal(reserved), *period_of(period, AT))


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [("day", "2026-12-31", "2027-01-01"), ("month", "2026-12-01", "2027-01-01")],
)
def test_periods_end_at_midnight_of_utc(period: Period, since: str, until: str) -> None:
    assert [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in period_of(period, AT)] == [f"{since} 00:00:00", f"{until} 00:00:00"]


@pytest.mark.parametrize(
    ("standing", "usd", "over"),
    [
        (a_standing("5", "3", "1"), "1", False),
        (a_standing("5", "3", "1"), "1.000000001", True),
        (a_standing("0"), "0", False),
        (a_standing("1", "9"), "0", False),
        (a_standing("0"), "0.000000001", True),
    ],
)
def test_what_is_spent_and_what_is_held_both_count(standing: Standing, usd: str, over: bool) -> None:
    assert exceeded(standing, Decimal(usd)) is over


amounts = st.decimals(min_value=0, max_value=10_000, places=6)


@given(limit=amounts, spent=amounts, reserved=amounts, usd=amounts)
def test_nothing_is_left_over_or_overdrawn(limit: Decimal, spent: Decimal, reserved: Decimal, usd: Decimal) -> None:
    standing = a_standing(str(limit), str(spent), str(reserved))
    assert standing.left >= 0
    assert exceeded(standing, usd) is (usd > 0 and spent + reserved + usd > limit)


def test_a_budget_applies_to_everybody_or_to_one() -> None:
    everybodys, hers = a_standing("5").budget, a_standing("5", requested_by="ada").budget
    assert everybodys.applies_to("grace")
    assert hers.applies_to("ada")
    assert not hers.applies_to("grace")


def test_the_sentence_names_the_budget_and_what_to_do() -> None:
    assert sentence(a_standing("5", "4.2", "0.5", requested_by="ada"), Decimal("0.4")) == (
        'The budget "Team" allows to ada 5.00 USD a day; 4.20 USD are spent and 0.50 USD held for calls under way, and this '
        "may cost up to 0.40 USD. Raise it with ./spillway nova budget, ask for less, or wait until it begins anew on "
        "2027-01-01 at 00:00 UTC."
    )


def test_small_amounts_are_told_in_full() -> None:
    assert [money(Decimal(usd)) for usd in ("0", "0.000021", "0.1", "12.3456")] == [
        "0.00 USD",
        "0.000021 USD",
        "0.10 USD",
        "12.35 USD",
    ]
