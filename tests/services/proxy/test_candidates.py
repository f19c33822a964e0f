"""An even row of frames is there, however long the video turns out to be."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.proxy.candidates import EVERY, FILES, MOST, even_row, number_of, selection, size


def selected(frames: int, first: int = 0) -> list[int]:
    """The frames that the expression of `selection` lets pass."""

    def passes(number: int) -> bool:
        step = EVERY * 2 ** max(0, math.floor(math.log(max(number, 1) / (EVERY * MOST)) / math.log(2)))
        return number == first or number % step == 0

    return [number for number in range(first, frames) if passes(number)]


def test_the_expression_is_the_one_that_is_tested_here() -> None:
    assert selection() == "isnan(prev_selected_pts)+not(mod(pts,3*pow(2,max(0,floor(log(max(pts,1)/300)/log(2))))))"


@given(st.integers(1, 40_000), st.integers(0, 50))
def test_the_row_is_even_whatever_the_length(frames: int, first: int) -> None:
    row = even_row(selected(first + frames, first))
    assert row[0] == first
    assert len(row) <= MOST
    steps = {after - before for before, after in pairwise(row[1:])}
    assert len(steps) <= 1
    assert all(step % EVERY == 0 for step in steps)
    if frames > 2 * EVERY * MOST:
        assert len(row) >= MOST // 2 - 2


def test_ten_hours_need_few_more_candidates_than_ten_minutes() -> None:
    assert len(selected(10 * 3600 * 15)) < 1300


def test_nothing_makes_no_row() -> None:
    assert even_row([]) == []
    assert even_row([7]) == [7]


def test_a_name_tells_the_number() -> None:
    assert number_of(FILES % 12) == 12


@pytest.mark.parametrize(
    ("proxy", "candidate"),
    [((1280, 720), (320, 180)), ((720, 1280), (320, 569)), ((26, 4096), (4, 640)), ((4096, 2), (320, 1)), ((64, 48), (64, 48))],
)
def test_candidates_are_small_and_never_enlarged(proxy: tuple[int, int], candidate: tuple[int, int]) -> None:
    assert size(*proxy) == candidate
