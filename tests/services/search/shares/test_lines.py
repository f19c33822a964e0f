"""Guests read what is said in the span, and no word of what is said before and after it."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.shares.lines import Line, lines_of
from shared.spoken import Segment, Word


def spoken(start: float, text: str, *, measured: bool = True) -> Segment:
    """Two words a second."""
    words = text.split()
    timed = tuple(Word(start + at / 2, start + (at + 1) / 2, word) for at, word in enumerate(words))
    return Segment(start=start, end=start + len(words) / 2, text=f" {text}", words=timed if measured else (), speaker="Anna")


TALK = [spoken(0, "first of all"), spoken(2, "we dig a very deep hole"), spoken(6, "then the pump goes in"), spoken(10, "done")]


def test_without_a_span_all_is_told() -> None:
    assert lines_of(TALK[:1], None) == [Line(0, 1.5, "first of all")]
    assert [line.text for line in lines_of(TALK, None)] == [segment.text.strip() for segment in TALK]


def test_times_are_those_of_the_clip() -> None:
    assert lines_of(TALK, (2, 9)) == [Line(0, 3, "we dig a very deep hole"), Line(4, 6.5, "then the pump goes in")]


def test_of_what_lies_across_the_edge_the_words_within_are_told() -> None:
    assert lines_of(TALK, (3.1, 7.2)) == [Line(0, 1.9, "a very deep hole"), Line(2.9, 3.9, "then the")]


def test_what_nobody_knows_the_times_of_is_left_out_unless_all_of_it_is_within() -> None:
    unmeasured = [spoken(2, "we dig a hole", measured=False)]
    assert lines_of(unmeasured, (3, 9)) == []
    assert lines_of(unmeasured, (2, 4)) == [Line(0, 2, "we dig a hole")]


def test_signs_that_need_no_spaces_get_none() -> None:
    words = (Word(0, 1, "水"), Word(1, 2, "が"), Word(2, 3, "落"))
    assert lines_of([Segment(start=0, end=3, text="水が落", words=words)], (0.9, 9)) == [Line(0.1, 2.1, "が落")]


@given(starts=st.floats(0, 12), length=st.floats(0.1, 12))
def test_no_word_from_outside_is_told(starts: float, length: float) -> None:
    ends = starts + length
    within = [
        word.text for segment in TALK for word in segment.words if starts <= (word.start + word.end) / 2 <= ends
    ]  # of a segment that is all within, every word is
    told = lines_of(TALK, (starts, ends))
    assert " ".join(line.text for line in told).split() == within
    assert all(-1e-3 <= line.start <= line.end <= length + 1e-3 for line in told)
