from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import Segment
from services.nova.answering.edges import MARGIN, SNAP, pauses_of, snapped, touching


def test_an_edge_moves_to_the_nearest_cut() -> None:
    assert snapped([0, 10], 20, [8.9, 10.4, 11.0], []) == [0, 10.4]
    assert snapped([0, 10], 20, [8.5], []) == [0, 8.5]
    assert snapped([0, 10], 20, [8.4, 11.6], []) == [0, 10]


def test_a_cut_stands_before_a_pause() -> None:
    assert snapped([0, 10], 20, [11.4], [(9.0, 10.6)]) == [0, 11.4]
    assert snapped([0, 10], 20, [], [(10.6, 12.0)]) == [0, 11.1]
    assert snapped([0, 10], 20, [], [(10.6, 11.0)]) == [0, 10.8]


def test_an_edge_within_a_pause_stays() -> None:
    assert snapped([0, 10], 20, [], [(8.0, 12.0)]) == [0, 10]
    assert snapped([0, 10], 20, [], [(9.9, 12.0)]) == [0, 9.9 + MARGIN]


def test_the_first_edge_stays() -> None:
    assert snapped([0], 20, [0.5], [(0.2, 5.0)]) == [0]


def test_no_edge_moves_to_or_past_a_neighbour() -> None:
    assert snapped([0, 10, 10.5], 20, [10.4], []) == [0, 10.4, 10.5]
    assert snapped([0, 10, 10.5], 20, [10.6], []) == [0, 10, 10.6]
    assert snapped([0, 19], 20, [20.0], []) == [0, 19]
    assert snapped([0, 1], 20, [0.0], []) == [0, 1]


def test_pauses_are_where_nobody_speaks() -> None:
    said = [Segment(start=1, end=5, text="a"), Segment(start=2, end=3, text="b"), Segment(start=5.2, end=6, text="c")]
    assert pauses_of(said, 0, 10) == [(0, 1), (6, 10)]
    assert pauses_of([Segment(start=0, end=10, text="a")], 0, 10) == []
    assert pauses_of([], 0, 10) == []


def test_stretches_touch() -> None:
    assert touching([0, 5, 7], 9) == [(0, 5), (5, 7), (7, 9)]


times = st.floats(0, 100, allow_nan=False)


@given(st.lists(times, min_size=1, max_size=10), st.lists(times, max_size=20), st.lists(st.tuples(times, times), max_size=10))
def test_edges_stay_in_order_and_near(told: list[float], cuts: list[float], quiet: list[tuple[float, float]]) -> None:
    edges = sorted(told)
    moved = snapped(edges, 101, sorted(cuts), [(min(pair), max(pair)) for pair in quiet])
    assert moved == sorted(moved)
    assert moved[0] == edges[0]
    assert all(abs(after - before) <= SNAP + 1e-9 for before, after in zip(edges, moved, strict=True))
    assert all(later > earlier or edges[number] == edges[number + 1] for number, (earlier, later) in enumerate(pairwise(moved)))
