import random

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.metadata.timing import REORDERED, in_order, is_variable


def test_even_frames_are_not_variable() -> None:
    assert is_variable([range(0, 5120, 512)]) is False


def test_a_clock_too_coarse_for_the_rate_does_not_make_frames_uneven() -> None:
    assert is_variable([[round(number * 1000 / 24) for number in range(200)]]) is False
    assert is_variable([[round(number * 1000 / 120) for number in range(200)]]) is False


def test_a_phones_jitter_does_not_make_frames_uneven() -> None:
    jitter = random.Random(1)
    assert is_variable([[number * 20 + jitter.randint(0, 1) for number in range(200)]]) is False


def test_a_camera_that_slows_down_in_the_dark_is_variable() -> None:
    bright, dark = [number * 20 for number in range(100)], [2000 + number * 40 for number in range(20)]
    assert is_variable([bright + dark]) is True
    assert is_variable([bright, dark]) is True


def test_a_gap_where_a_clip_was_cut_is_no_other_rate() -> None:
    times = [number * 20 + (500 if number > 100 else 0) for number in range(200)]
    assert is_variable([times]) is False


def test_the_distance_from_one_sample_to_the_next_says_nothing() -> None:
    assert is_variable([range(0, 100, 10), range(1000, 1100, 10), range(5000, 5100, 10)]) is False


def test_too_few_frames_say_nothing() -> None:
    assert is_variable([]) is None
    assert is_variable([[0, 10, 30, 40]]) is None


def test_frames_are_put_in_order_and_those_that_may_lack_neighbours_left_out() -> None:
    times = [0, 40, 20, 60, 100, 80, 80]
    assert in_order(times, is_complete=True) == [0, 20, 40, 60, 80, 100]
    assert len(in_order(range(100), is_complete=False)) == 100 - REORDERED
    assert in_order(times, is_complete=False) == []


@given(st.lists(st.lists(st.integers(-(2**63), 2**63))))
def test_no_times_can_crash_it(samples: list[list[int]]) -> None:
    assert is_variable(samples) in {True, False, None}
