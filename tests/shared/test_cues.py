"""Cues that can be read."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.cues import BRIEF, LINE, LINES, Cue, broken, cues, filling, in_turn, width
from shared.spoken import Segment, Word, tokens

LONG = (
    "We dug the basin in March, and by the first week of May the liner was in, the pump was running and the water "
    "fell over nine stones into a pond that the children of the whole street came to see."
)


def segments(*spoken: tuple[float, float, str]) -> list[Segment]:
    return [Segment(start=start, end=end, text=text) for start, end, text in spoken]


def test_a_short_segment_is_a_cue_with_its_own_times() -> None:
    assert cues(segments((1.0, 2.5, "The pump goes in."))) == [Cue(1000, 2500, ("The pump goes in.",))]


def test_two_lines_are_about_as_long_as_each_other() -> None:
    lines = broken(tokens("The pump goes in behind the third stone of the fall."))
    assert lines == ("The pump goes in behind the", "third stone of the fall.")


def test_a_long_segment_becomes_cues_that_change_with_the_words() -> None:
    parts = [token.strip() for token in tokens(LONG)]
    words = tuple(Word(float(at), at + 0.8, part) for at, part in enumerate(parts))
    told = cues([Segment(start=0.0, end=40.0, text=LONG, words=words)])
    assert len(told) == 3
    assert " ".join(line for cue in told for line in cue.lines) == LONG
    assert (told[0].start, told[-1].end) == (0, 40_000)
    spoken = 0
    for before, after in pairwise(told):
        spoken += sum(len(line.split()) for line in before.lines)
        assert (before.end, after.start) == (spoken * 1000 - 200, spoken * 1000)


def test_a_cue_ends_at_a_pause_if_there_is_one_in_its_second_half() -> None:
    parts = tokens(LONG)
    assert "".join(parts[: filling(parts)]).endswith("in,")


def test_han_characters_take_two_columns_and_break_anywhere() -> None:
    told = cues(segments((0.0, 9.0, "水" * 30)))
    assert [width(line) for line in told[0].lines] == [30, 30]


def test_lines_break_only_where_they_can_be_joined_again() -> None:
    lines = broken(tokens("x" * 30 + "水" * 15))
    assert lines == ("x" * 30 + "水", "水" * 14)


def test_what_has_no_spaces_stays_whole() -> None:
    address = "x" * 60
    assert [cue.lines for cue in cues(segments((0.0, 1.0, address)))] == [(address,)]


def test_a_segment_without_text_is_no_cue() -> None:
    assert cues(segments((0.0, 1.0, " "))) == []


def test_a_cue_ends_where_the_next_begins() -> None:
    told = in_turn([Cue(0, 3000, ("a",)), Cue(2000, 4000, ("b",))])
    assert [(cue.start, cue.end) for cue in told] == [(0, 2000), (2000, 4000)]


def test_cues_that_begin_together_share_the_time_by_their_length() -> None:
    told = in_turn([Cue(1000, 3000, ("abc",)), Cue(1000, 4000, ("a",))])
    assert [(cue.start, cue.end) for cue in told] == [(1000, 3000), (3000, 4000)]


def test_a_cue_that_lasts_no_time_can_be_read_nevertheless() -> None:
    assert in_turn([Cue(1000, 1000, ("a",))])[0].end == 1000 + BRIEF


def test_a_name_stands_where_somebody_else_begins() -> None:
    spoken = [Segment(start=at, end=at + 1.0, text="Yes.", speaker=who) for at, who in enumerate(["Ada", "Ada", None, "Ada"])]
    assert [cue.lines[0] for cue in cues(spoken, named=True)] == ["Ada: Yes.", "Yes.", "Yes.", "Ada: Yes."]
    assert [cue.lines[0] for cue in cues(spoken)] == ["Yes."] * 4


TEXT = st.lists(st.text("abcdefgh.,?水", min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join)
SPOKEN = st.builds(
    lambda start, length, text: Segment(start=start, end=start + length, text=text), st.floats(0, 60), st.floats(0, 20), TEXT
)


@given(spoken=st.lists(SPOKEN, max_size=8))
def test_cues_follow_each_other_fit_the_screen_and_say_all(spoken: list[Segment]) -> None:
    told = cues(spoken)
    assert all(cue.start < cue.end for cue in told)
    assert all(before.end <= after.start for before, after in pairwise(told))
    for cue in told:
        assert len(cue.lines) <= LINES
        assert all(width(line) <= LINE or len(tokens(line)) == 1 for line in cue.lines)
    letters = sorted("".join(line for cue in told for line in cue.lines).replace(" ", ""))
    assert letters == sorted("".join(segment.text for segment in spoken).replace(" ", ""))
