"""How cuts are scored, and which bar the service is held to."""

import pytest

from tests.bench.proxy import HAND, SERVICE, beside_hand
from tests.bench.report import Limit
from tests.bench.shot_scores import f1


@pytest.mark.parametrize(
    ("found", "real", "score"),
    [
        ([1.0, 2.0], [1.0, 2.0], 1.0),
        ([1.09, 1.95], [1.0, 2.0], 1.0),
        ([1.2, 2.0], [1.0, 2.0], 0.5),
        ([1.0], [1.0, 2.0, 3.0], 0.5),
        ([1.0, 1.02], [1.0], 2 / 3),
        ([], [1.0], 0.0),
    ],
)
def test_a_cut_counts_once_and_where_it_is(found: list[float], real: list[float], score: float) -> None:
    assert f1(found, real) == pytest.approx(score)


def measured(service: float, hand: float) -> dict[str, list[dict[str, float]]]:
    return {SERVICE: [{"cpu": service}], HAND: [{"cpu": hand}]}


def test_a_short_run_may_take_a_fixed_time_more_and_a_long_one_a_share() -> None:
    short, long = beside_hand(measured(1.1, 1.0)), beside_hand(measured(10.2, 10.0))
    assert short.value.median == pytest.approx(100.0)
    assert long.value.median == pytest.approx(1.02)
    assert (short.bar, short.met, long.bar, long.met) == (150.0, True, 1.03, True)
    assert long.limit is Limit.AT_MOST
    assert beside_hand(measured(10.4, 10.0)).met is False
