"""Calls move apart when they are refused, and together again when they are answered."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.paying.pace_rules import FIRST, JITTER, LONGEST, faster, is_news, slower, waiting

spacings = st.floats(min_value=0, max_value=LONGEST)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def test_refusals_double_the_spacing_up_to_the_longest() -> None:
    spacing, seen = 0.0, []
    for _ in range(9):
        spacing = slower(spacing)
        seen.append(spacing)
    assert seen == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


def test_answers_bring_it_back_to_nothing() -> None:
    spacing, answers = LONGEST, 0
    while spacing:
        spacing, answers = faster(spacing), answers + 1
    assert answers == 22


@given(spacing=spacings)
def test_refusals_never_shorten_it_and_answers_never_lengthen_it(spacing: float) -> None:
    assert spacing <= slower(spacing) <= LONGEST
    assert slower(spacing) >= FIRST
    assert 0 <= faster(spacing) <= spacing


@given(seconds=st.floats(-100, 100), spacing=spacings, chance=st.floats(0, 1))
def test_what_is_waited_is_at_least_until_the_turn_and_not_much_longer(seconds: float, spacing: float, chance: float) -> None:
    assert max(seconds, 0) <= waiting(seconds, spacing, chance) <= max(seconds, 0) + JITTER * spacing


def test_a_call_that_was_under_way_at_the_last_refusal_tells_nothing_new() -> None:
    assert is_news(NOW, None)
    assert is_news(NOW, NOW - timedelta(seconds=1))
    assert not is_news(NOW, NOW + timedelta(seconds=1))
    assert not is_news(NOW, NOW)
