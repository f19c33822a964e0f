"""Turns of speakers laid over words and segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.speakers import Turn, assigned, speaker_of
from services.transcribe.transcript import Segment, Word

TURNS = [Turn(0, 4, "Anna"), Turn(4, 10, "Ben"), Turn(9, 12, "Anna")]


@pytest.mark.parametrize(
    ("start", "end", "speaker"),
    [(0, 3, "Anna"), (3, 8, "Ben"), (3, 5, "Anna"), (9, 12, "Anna"), (12, 13, None), (20, 30, None), (0, 12, "Anna")],
)
def test_who_speaks_most_has_said_it(start: float, end: float, speaker: str | None) -> None:
    assert speaker_of(start, end, TURNS) == speaker


def test_segments_and_words_have_their_own_speakers() -> None:
    words = (Word(3, 3.5, " yes", 1.0), Word(4.5, 5, " no", 1.0), Word(5, 6, " never", 1.0))
    [segment, silent] = assigned([Segment(3, 6, "yes no never", words), Segment(50, 60, "far away")], TURNS)
    assert segment.speaker == "Ben"
    assert [word.speaker for word in segment.words] == ["Anna", "Ben", "Ben"]
    assert (segment.text, segment.start, segment.end) == ("yes no never", 3, 6)
    assert silent.speaker is None


TIMES = st.floats(0, 100)


@given(st.lists(st.builds(Turn, TIMES, TIMES, st.sampled_from("ABC"))), TIMES, TIMES)
def test_only_who_has_a_turn_then_can_have_said_it(turns: list[Turn], start: float, end: float) -> None:
    speaker = speaker_of(start, end, turns)
    assert speaker is None or any(turn.speaker == speaker and turn.start < end and turn.end > start for turn in turns)
    assert speaker == speaker_of(start, end, list(reversed(turns)))
