"""Rounds, ratios and bars."""

import pytest

from tests.bench.report import Comparison, Limit, Report, Section, as_document, as_text
from tests.bench.rounds import Figures, Side, Spread, figure, interleave, order, ratio, spread


def sides(log: list[str]) -> list[Side]:
    def side(name: str, rates: list[float]) -> Side:
        def measure(number: int) -> Figures:
            log.append(name)
            return {"rate": rates[number]}

        return Side(name, measure)

    return [side("a", [10.0, 40.0, 30.0]), side("b", [20.0, 20.0, 20.0])]


def test_each_side_is_measured_once_a_round_and_another_goes_first_in_each() -> None:
    log: list[str] = []
    interleave(sides(log), 3, lambda line: None)
    assert log == ["a", "b", "b", "a", "a", "b"]


def test_order_keeps_every_side() -> None:
    some = sides([])
    assert {side.name for side in order(some, 7)} == {"a", "b"}


def test_a_ratio_is_taken_within_each_round() -> None:
    measured = interleave(sides([]), 3, lambda line: None)
    assert figure(measured, "a", "rate") == Spread(30.0, 10.0, 40.0)
    assert ratio(measured, "a", "b", "rate") == Spread(1.5, 0.5, 2.0)


def test_a_report_line_names_round_side_and_figures() -> None:
    lines: list[str] = []
    interleave(sides([])[:1], 2, lines.append)
    assert lines == ["round 1/2  a: rate 10.00", "round 2/2  a: rate 40.00"]


@pytest.mark.parametrize(
    ("median", "bar", "limit", "met"),
    [
        (0.8, 0.77, Limit.AT_LEAST, True),
        (0.7, 0.77, Limit.AT_LEAST, False),
        (1.2, 1.3, Limit.AT_MOST, True),
        (1.4, 1.3, Limit.AT_MOST, False),
        (9.9, None, Limit.AT_MOST, None),
    ],
)
def test_a_bar_is_met_on_its_side(median: float, bar: float | None, limit: Limit, met: bool | None) -> None:
    assert Comparison("a / b", spread([median]), bar, limit).met is met


def report(*medians: float) -> Report:
    comparisons = [Comparison("a / b", spread([median]), 1.0) for median in medians]
    return Report(
        "events", {"cores": 2}, [Section("Consume", "per second", {"a": Spread(1234.5, 1000.0, 2000.0)}, comparisons)]
    )


def test_a_run_meets_its_bars_only_if_it_meets_each() -> None:
    assert report(1.0, 2.0).met
    assert not report(2.0, 0.9).met


def test_text_and_document_say_what_was_missed() -> None:
    found = report(0.9)
    assert "at least 1.00: MISSED" in as_text(found)
    assert "1,234  (1,000 to 2,000)" in as_text(found)
    assert as_document(found)["met"] is False
