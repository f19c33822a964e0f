"""What a person wrote stays, and the machine's segments give way."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.merging import merged
from services.transcribe.transcript import Segment, Word


@dataclass(frozen=True)
class Locked:
    start: float
    end: float
    text: str = "by hand"


def said(text: str, start: float, end: float) -> Segment:
    """A segment whose words share its time."""
    parts = text.split()
    step = (end - start) / len(parts)
    words = tuple(Word(start + at * step, start + (at + 1) * step, f" {part}", 0.9) for at, part in enumerate(parts))
    return Segment(start, end, text, words)


def texts(*results: Segment | Locked) -> list[tuple[str, float, float]]:
    return [(result.text, round(result.start, 3), round(result.end, 3)) for result in results]


def test_without_locked_ones_all_stay_as_they_are() -> None:
    heard = [said("one two", 0, 2), said("three", 1, 3)]
    assert merged(heard, list[Locked]()) == heard


def test_a_locked_one_takes_the_place_of_what_is_said_there() -> None:
    heard = [said("one two", 0, 2), said("three four", 2, 4), said("five six", 4, 6)]
    assert texts(*merged(heard, [Locked(2, 4)])) == [("one two", 0, 2), ("by hand", 2, 4), ("five six", 4, 6)]


def test_a_little_overlap_costs_no_neighbour() -> None:
    heard = [said("one two", 0, 2.1), said("five six", 3.9, 6)]
    assert texts(*merged(heard, [Locked(2, 4)])) == [("one two", 0, 2), ("by hand", 2, 4), ("five six", 4, 6)]


def test_of_a_long_one_the_words_outside_stay() -> None:
    heard = [said("a b c d e f g h i j", 0, 10)]
    assert texts(*merged(heard, [Locked(4, 6)])) == [("a b c d", 0, 4), ("by hand", 4, 6), ("g h i j", 6, 10)]


def test_scraps_of_what_was_rewritten_go() -> None:
    heard = [said("a b c d e", 0, 5)]
    assert texts(*merged(heard, [Locked(0.6, 4.9)])) == [("by hand", 0.6, 4.9)]


def test_what_was_deleted_is_left_out() -> None:
    heard = [said("one two", 0, 2), said("three four", 2, 4), said("five six", 4, 6)]
    assert texts(*merged(heard, list[Locked](), [Locked(2, 4)])) == [("one two", 0, 2), ("five six", 4, 6)]
    assert texts(*merged(heard, [Locked(4, 6)], [Locked(2, 4)])) == [("one two", 0, 2), ("by hand", 4, 6)]


def test_of_a_long_one_the_words_that_were_deleted_go() -> None:
    heard = [said("a b c d e f g h i j", 0, 10)]
    assert texts(*merged(heard, list[Locked](), [Locked(4, 6)])) == [("a b c d", 0, 4), ("g h i j", 6, 10)]
    assert merged(heard, list[Locked](), [Locked(1, 9)]) == []


def test_one_without_words_is_there_or_not() -> None:
    heard = [Segment(0, 2, "before"), Segment(1.5, 3.5, "under"), Segment(3, 9, "after")]
    assert texts(*merged(heard, [Locked(2, 4)])) == [("before", 0, 2), ("by hand", 2, 4), ("after", 4, 9)]


def test_words_are_clipped_with_their_segment() -> None:
    [segment, _] = merged([said("one two", 0, 2.2)], [Locked(2, 4)])
    assert isinstance(segment, Segment)
    assert [round(word.end, 3) for word in segment.words] == [1.1, 2]


def spans(most: float) -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(st.floats(0, most), st.floats(0, 10)).map(lambda span: (span[0], span[0] + span[1]))


@st.composite
def heard_segments(draw: st.DrawFn) -> list[Segment]:
    """Segments by their start; their words lie anywhere near, as those of a confused model do."""
    found = []
    for start, end in sorted(draw(st.lists(spans(100), max_size=12))):
        words = draw(st.lists(spans(105), max_size=6))
        found.append(Segment(start, end, "heard", tuple(Word(first, last, " w", 0.5) for first, last in sorted(words))))
    return found


LOCKED = st.lists(spans(100).map(lambda span: Locked(*span)), max_size=8)


@given(heard_segments(), LOCKED)
def test_all_locked_ones_stay_in_order_and_nothing_overlaps_them(heard: list[Segment], locked: list[Locked]) -> None:
    found = merged(heard, locked)
    assert sorted(texts(*(one for one in found if isinstance(one, Locked)))) == sorted(texts(*locked))
    assert all(one.start <= other.start for one, other in pairwise(found))
    for segment in found:
        assert segment.start <= segment.end
        if isinstance(segment, Segment) and locked:
            assert not any(segment.start < hand.end and hand.start < segment.end for hand in locked)
            assert all(segment.start <= word.start <= word.end <= segment.end for word in segment.words)


@given(heard_segments())
def test_what_lies_elsewhere_stays_as_it_is(heard: list[Segment]) -> None:
    ends = [segment.end for segment in heard] + [word.end for segment in heard for word in segment.words]
    latest = max(ends, default=0.0)
    hand = Locked(latest + 1, latest + 2)
    kept = merged(heard, [hand])
    assert kept[-1] == hand
    assert sorted(_said(segment) for segment in kept[:-1]) == sorted(_said(segment) for segment in heard)


def _said(segment: Segment | Locked) -> tuple[str, tuple[Word, ...]]:
    return segment.text, segment.words if isinstance(segment, Segment) else ()
