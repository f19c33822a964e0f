"""How large objects are cut."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.parts import LARGEST_PART, MOST_PARTS, SMALLEST_PART, USUAL_PART, Cut, Part, part_size_for

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@given(st.integers(min_value=1, max_value=48 << 40))
def test_parts_of_any_file_are_within_the_limits_and_add_up(size: int) -> None:
    part_size = part_size_for(size)
    cut = Cut(size, part_size)
    assert SMALLEST_PART <= part_size <= LARGEST_PART
    assert 1 <= cut.count <= MOST_PARTS
    assert (cut.count - 1) * part_size + cut.size_of(cut.count) == size
    assert 1 <= cut.size_of(cut.count) <= part_size


def test_usual_files_have_usual_parts() -> None:
    assert part_size_for(1) == part_size_for(10 << 30) == USUAL_PART
    assert Cut(USUAL_PART, USUAL_PART).count == 1
    assert Cut(USUAL_PART + 1, USUAL_PART).count == 2


@pytest.mark.parametrize("part", [Part(0, 10, "a"), Part(4, 10, "a"), Part(1, 9, "a"), Part(1, 11, "a"), Part(3, 10, "a")])
def test_parts_that_are_not_whole_or_not_of_this_cut_are_of_no_use(part: Part) -> None:
    assert Cut(25, 10).usable([part]) == []


def test_of_a_part_that_came_twice_the_later_is_used() -> None:
    first, second, last = Part(1, 10, "a", EARLY), Part(1, 10, "b", LATE), Part(3, 5, "c", EARLY)
    assert Cut(25, 10).usable([last, second, first]) == [second, last]
    assert Cut(25, 10).usable([first, second, last]) == [second, last]
