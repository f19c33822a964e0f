import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import Rendition, Segment, Span
from services.nova.answering.clock import Clip, clip_of, within_its_duration
from shared.contracts import Kind
from tests.support.material import material


def test_times_of_a_clip_become_times_of_the_file() -> None:
    clip = Clip(100, 160)
    assert clip.time(5) == 105
    assert clip.span(5, 10) == Span(start=105, end=110)
    assert clip.raw(70) == 170


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (10, 5, (105, 110)),
        (-5, 5, (100, 105)),
        (55, 500, (155, 160)),
        (math.nan, 5, (100, 105)),
        (5, math.nan, (100, 105)),
        (5, math.inf, (105, 160)),
        (0, 0, (100, 100)),
        (60, 70, (160, 160)),
    ],
)
def test_a_stretch_is_brought_into_the_clip(start: float, end: float, kept: tuple[float, float]) -> None:
    assert Clip(100, 160).span(start, end) == Span(start=kept[0], end=kept[1])


@pytest.mark.parametrize(("start", "end"), [(61, 70), (70, 61), (-9, -1), (math.inf, math.inf), (-math.inf, -1)])
def test_a_stretch_outside_the_clip_is_none(start: float, end: float) -> None:
    assert Clip(100, 160).span(start, end) is None


@pytest.mark.parametrize("told", [math.nan, math.inf, -math.inf, -200])
def test_a_time_that_no_file_has_is_not_kept_as_it_was_told(told: float) -> None:
    assert Clip(100, 160).raw(told) is None


@given(st.floats(), st.floats(), st.floats(0, 1e6), st.floats(0, 1e6))
def test_any_time_lies_in_the_clip(start: float, end: float, first: float, length: float) -> None:
    clip = Clip(first, first + length)
    assert clip.start <= clip.time(start) <= clip.end
    span = clip.span(start, end)
    assert span is None or clip.start <= span.start <= span.end <= clip.end


def test_what_was_looked_at_is_within_the_file() -> None:
    file = material("one.", duration=60.0)
    assert clip_of(file, None) == (0, 60)
    assert clip_of(file, Span(start=10, end=90)) == (10, 60)
    assert clip_of(file, Span(start=70, end=90)) == (60, 60)
    assert clip_of(file.model_copy(update={"kind": Kind.IMAGE}), None) is None


def test_without_a_duration_the_span_or_the_last_word_ends_the_file() -> None:
    file = material("one.", duration=None, shots=(3.0,))
    assert clip_of(file, None) == (0, 4)
    assert clip_of(file, Span(start=2, end=90)) == (2, 90)
    backwards = file.model_copy(update={"segments": (Segment(start=9, end=8, text="b"),)})
    assert clip_of(backwards, None) == (0, 9)


def test_a_rendition_tells_how_long_a_file_is_that_does_not() -> None:
    renditions = {"proxy": Rendition(key="p", duration=50.0), "image": Rendition(key="i")}
    file = material("one.", duration=None).model_copy(update={"renditions": renditions})
    assert clip_of(file, None) == (0, 50)
    assert clip_of(file.model_copy(update={"duration": 20.0}), None) == (0, 20)


def test_speech_ends_with_its_file() -> None:
    file = material("one.", "two.", "three.", duration=6.0)
    assert [(one.start, one.end) for one in within_its_duration(file).segments] == [(0, 4), (4.5, 6)]
    endless = file.model_copy(update={"duration": None})
    assert within_its_duration(endless) == endless
