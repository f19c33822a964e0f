"""Segments become sentences, and times run forwards."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.sentences import in_order, sentences, tidied
from services.transcribe.transcript import Segment, Word


def spoken(text: str, start: float = 0.0, *, lead: float = 0.1, step: float = 0.5) -> Segment:
    """A segment of words of `step` seconds that begin `lead` seconds after the segment."""
    words = [
        Word(start + lead + at * step, start + lead + (at + 1) * step, f" {word}", 0.9) for at, word in enumerate(text.split())
    ]
    return Segment(start, words[-1].end + lead, f" {text}", tuple(words), -0.2, 0.01)


def texts(segment: Segment) -> list[str]:
    return [sentence.text for sentence in sentences(segment)]


def test_a_segment_is_split_where_sentences_end() -> None:
    assert texts(spoken("one two. three four! five")) == ["one two.", "three four!", "five"]
    assert texts(spoken('he said "no." then left')) == ['he said "no."', "then left"]
    assert texts(spoken("こんにちは。 さようなら。")) == ["こんにちは。", "さようなら。"]


def test_one_sentence_stays_as_it_is() -> None:
    segment = spoken("version 3.5 is out.")
    [only] = sentences(segment)
    assert (only.text, only.start, only.end, only.words) == ("version 3.5 is out.", segment.start, segment.end, segment.words)


def test_the_outer_times_are_the_segments_and_the_inner_ones_the_words() -> None:
    first, second = sentences(spoken("one two. three four.", 10.0))
    assert (first.start, round(first.end, 3)) == (10.0, 11.1)
    assert (round(second.start, 3), round(second.end, 3)) == (11.1, 12.2)
    assert [word.text for word in second.words] == [" three", " four."]
    assert (second.avg_logprob, second.no_speech) == (-0.2, 0.01)


def test_without_words_nothing_is_split() -> None:
    assert texts(Segment(0.0, 1.0, " one. two. ")) == ["one. two."]


def test_empty_segments_are_dropped() -> None:
    assert tidied([Segment(0.0, 1.0, "  "), Segment(1.0, 2.0, " word.")], 5.0) == (Segment(1.0, 2.0, "word."),)


def test_times_are_held_inside_the_file_and_in_order() -> None:
    wild = [Segment(-1.0, 2.0, "a"), Segment(1.0, 0.5, "b"), Segment(0.2, 99.0, "c"), Segment(98.0, 99.0, "d")]
    assert [(segment.start, segment.end) for segment in in_order(wild, 10.0)] == [
        (0.0, 2.0),
        (1.0, 1.0),
        (1.0, 10.0),
        (10.0, 10.0),
    ]


def test_words_are_held_in_order_too() -> None:
    words = (Word(0.5, 0.4, " a", 1.0), Word(0.3, 0.9, " b", 1.0), Word(9.0, 12.0, " c", 1.0))
    [segment] = in_order([Segment(0.4, 10.0, "a b c", words)], 10.0)
    assert [(word.start, word.end) for word in segment.words] == [(0.5, 0.5), (0.5, 0.9), (9.0, 10.0)]


TIMES = st.floats(-10, 1e4)


@given(st.lists(st.tuples(TIMES, TIMES)), st.floats(0, 1e4))
def test_any_times_come_out_in_order(spans: list[tuple[float, float]], duration: float) -> None:
    ordered = list(in_order((Segment(start, end, "x") for start, end in spans), duration))
    assert len(ordered) == len(spans)
    assert all(0 <= segment.start <= segment.end <= duration for segment in ordered)
    assert all(one.start <= other.start for one, other in pairwise(ordered))
