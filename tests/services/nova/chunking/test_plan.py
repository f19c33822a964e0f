"""Where a long video is cut."""

from itertools import pairwise
from math import ceil, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nova.chunking.plan import Chunk, planned

WINDOW, OVERLAP = 900.0, 10.0
EVERY_FIVE = tuple(float(second) for second in range(0, 36_000, 5))


def cut(duration: float | None, shots: tuple[float, ...] = (), keyframes: tuple[float, ...] = EVERY_FIVE) -> tuple[Chunk, ...]:
    return planned(duration, shots, keyframes, window=WINDOW, overlap=OVERLAP)


def spans(chunks: tuple[Chunk, ...]) -> list[tuple[float, float]]:
    return [(chunk.start, chunk.end) for chunk in chunks]


@pytest.mark.parametrize("duration", [0.04, 10.0, 899.9, 900.0])
def test_a_file_that_fits_the_window_is_one_chunk(duration: float) -> None:
    assert cut(duration, shots=(duration / 2,)) == (Chunk(1, 0.0, duration),)


def test_a_longer_file_is_cut_into_as_few_chunks_as_can_be_of_much_the_same_length() -> None:
    assert spans(cut(910.0, keyframes=())) == [(0.0, 460.0), (450.0, 910.0)]
    forty_minutes = cut(2400.0)
    assert [chunk.number for chunk in forty_minutes] == [1, 2, 3]
    assert all(chunk.length == pytest.approx(807, abs=5) for chunk in forty_minutes)


def test_chunks_end_at_the_nearest_shot_within_reach() -> None:
    assert cut(2400.0, shots=(300.0, 700.0, 790.0, 815.0))[0].end == 815.0
    assert cut(2400.0, shots=(672.0,))[0].end == 672.0
    assert cut(2400.0, shots=(671.0,))[0].end == 805.0, "none is near"


def test_without_shots_chunks_end_so_that_the_next_begins_at_a_key_frame() -> None:
    first, second = cut(1500.0, keyframes=(0.0, 741.0, 752.0, 760.0))
    assert (first.end, second.start) == (751.0, 741.0)
    first, second = cut(1500.0, keyframes=(0.0, 600.0, 900.0))
    assert (first.end, second.start) == (755.0, 745.0), "key frames are far away"


def test_a_shot_that_would_cost_a_chunk_more_is_passed_over() -> None:
    assert spans(cut(1790.0, shots=(800.0, 890.0, 901.0))) == [(0.0, 900.0), (890.0, 1790.0)], "both windows are full"
    assert spans(cut(1700.0, shots=(800.0,)))[0] == (0.0, 855.0), "the rest would not fit into one window"
    assert spans(cut(1700.0, shots=(820.0,)))[0] == (0.0, 820.0)


def test_chunks_begin_at_the_last_key_frame_before_the_overlap() -> None:
    first, second = cut(1500.0, shots=(754.0,), keyframes=(0.0, 735.0, 743.9, 744.1, 760.0))
    assert (first.end, second.start) == (754.0, 743.9)


def test_a_chunk_begins_between_key_frames_where_none_is_near() -> None:
    first, second = cut(1500.0, shots=(760.0,), keyframes=(0.0, 729.9, 751.0))
    assert (first.end, second.start) == (760.0, 750.0)
    assert cut(1500.0, shots=(760.0,), keyframes=())[1].start == 750.0
    assert cut(1500.0, shots=(760.0,), keyframes=(730.0,))[1].start == 730.0


def test_half_a_minute_is_always_copied() -> None:
    clips = planned(600.0, [second * 11.7 for second in range(50)], EVERY_FIVE, window=29.0, overlap=0.0)
    assert {clip.start for clip in clips} <= set(EVERY_FIVE)
    assert len(clips) <= 25


@pytest.mark.parametrize("duration", [None, 0.0, -1.0, nan, inf])
def test_a_file_of_unknown_length_is_one_chunk_of_none(duration: float | None) -> None:
    assert cut(duration, shots=(5.0,)) == (Chunk(1, 0.0, 0.0),)


@pytest.mark.parametrize("window", [0.0, -1.0, nan, inf])
def test_a_window_that_holds_nothing_is_refused(window: float) -> None:
    with pytest.raises(ValueError, match="window"):
        planned(10.0, (), (), window=window, overlap=1.0)


def test_times_that_are_none_or_outside_are_passed_over() -> None:
    shots = (nan, inf, -5.0, 1e9, 790.0)
    assert cut(2400.0, shots=shots, keyframes=(nan, -inf, 780.0)) == cut(2400.0, shots=(790.0,), keyframes=(780.0,))


def test_ten_hours_are_cut_evenly() -> None:
    chunks = cut(36_000.0, shots=tuple(second * 3.7 for second in range(9_700)))
    assert len(chunks) == ceil((36_000 - OVERLAP) / (WINDOW - OVERLAP))
    assert min(chunk.length for chunk in chunks) > 0.9 * max(chunk.length for chunk in chunks)


def test_a_chunk_is_a_stretch_of_time() -> None:
    chunk = Chunk(2, 3.0, 7.5)
    assert (chunk.length, chunk.span.start, chunk.span.end) == (4.5, 3.0, 7.5)


times = st.lists(st.floats(-10, 50_000) | st.sampled_from([nan, inf, -inf]), max_size=200)
plans = {
    "duration": st.floats(0.001, 40_000),
    "shots": times,
    "keyframes": times,
    "window": st.floats(30, 4_000),
    "overlap": st.floats(0, 5_000),
}


@settings(deadline=None)
@given(**plans)
def test_chunks_cover_everything_within_the_window_and_go_on(
    duration: float, shots: list[float], keyframes: list[float], window: float, overlap: float
) -> None:
    chunks = planned(duration, shots, keyframes, window=window, overlap=overlap)
    assert [chunk.number for chunk in chunks] == list(range(1, len(chunks) + 1))
    assert (chunks[0].start, chunks[-1].end) == (0.0, duration)
    assert all(0 < chunk.length <= window * (1 + 1e-6) for chunk in chunks)
    for one, other in pairwise(chunks):
        assert one.start < other.start <= one.end - min(overlap, window / 4) + 1e-6
        assert one.end < other.end
        assert other.start >= one.end - min(overlap, window / 4) - min(20, window * 0.2) - 1e-6


@settings(deadline=None)
@given(**plans)
def test_the_same_file_is_cut_the_same(
    duration: float, shots: list[float], keyframes: list[float], window: float, overlap: float
) -> None:
    again = planned(duration, shots[::-1] + shots, sorted(keyframes, key=str), window=window, overlap=overlap)
    assert again == planned(duration, shots, keyframes, window=window, overlap=overlap)
