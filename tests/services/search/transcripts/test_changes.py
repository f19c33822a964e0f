"""What an edit makes of the segments."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.search.transcripts.changes import (
    MEASURES,
    Line,
    Place,
    deleted,
    inserted,
    line_of,
    merged,
    revised,
    split,
    state_of,
    undone,
)
from shared.errors import Conflict, Invalid
from shared.spoken import Word

A, B, C, NEW = (UUID(int=number) for number in range(1, 5))
WORDS = (
    Word(10.0, 10.5, "the", 0.9),
    Word(10.5, 11.0, "pond", 0.4),
    Word(11.0, 11.5, "is", 0.9),
    Word(11.5, 12.0, "blue.", 0.9),
)
DOUBT = {"kind": "repetition", "reason": "It says the same four times."}
LINE = Line(
    id=B,
    start=10.0,
    end=12.0,
    text="the pond is blue.",
    words=WORDS,
    doubts=(DOUBT,),
    avg_logprob=-0.2,
    no_speech=0.1,
    compression_ratio=1.2,
    temperature=0.0,
)
NEXT = replace(LINE, id=C, start=12.0, end=13.0, text="Look.", words=(Word(12.1, 12.9, "Look.", 0.7),), doubts=())
PLACE = Place(replace(LINE, id=A, start=5.0, end=7.0), NEXT, 20.0)


def after(wanted: dict[str, Any]) -> Line:
    change = revised(LINE, wanted, PLACE)
    assert change is not None
    assert change.before == (LINE,)
    (line,) = change.after
    return line


def test_a_corrected_text_is_locked_and_no_longer_doubtful() -> None:
    line = after({"text": " the  pump is\nblue. "})
    assert (line.text, line.locked, line.doubts) == ("the pump is blue.", True, ())
    assert [getattr(line, name) for name in MEASURES] == [None] * 4
    assert [(word.text, word.estimated) for word in line.words][:2] == [("the", False), ("pump", True)]


def test_a_speaker_says_nothing_of_text_and_times() -> None:
    line = after({"speaker": "Ada"})
    assert (line.speaker, line.locked) == ("Ada", True)
    assert replace(line, speaker=None, locked=False) == LINE


def test_moved_times_keep_the_words_that_are_within() -> None:
    line = after({"start": 10.2004, "end": 12.0})
    assert (line.start, line.words[0].start, line.words[1:]) == (10.2, 10.2, WORDS[1:])
    assert line.doubts == (DOUBT,)


def test_words_that_nobody_measured_are_not_invented() -> None:
    silent = replace(LINE, words=())
    change = revised(silent, {"text": "the pump", "end": 11.0}, PLACE)
    assert change is not None
    assert change.after[0].words == ()


@pytest.mark.parametrize(
    ("locked", "wanted", "action"), [(False, True, "lock"), (True, False, "unlock"), (True, True, None), (False, False, None)]
)
def test_a_segment_can_be_confirmed_and_let_go(locked: bool, wanted: bool, action: str | None) -> None:
    change = revised(replace(LINE, locked=locked), {"locked": wanted}, PLACE)
    assert (change.action if change else None) == action
    if change and wanted:
        assert change.after[0].doubts == ()


def test_what_is_so_already_is_no_edit() -> None:
    assert revised(LINE, {}, PLACE) is None
    assert revised(LINE, {"text": "the pond is blue.", "speaker": None, "start": 10.0}, PLACE) is None


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"end": 10.0}, "must end after it starts"),
        ({"start": 4.9}, "starts at 00:00:05.000; this one must not start earlier"),
        ({"start": 12.5, "end": 13.0}, "starts at 00:00:12.000; this one must not start later"),
        ({"end": 20.5}, "The recording ends at 00:00:20.000"),
    ],
)
def test_times_that_cannot_be_are_refused(wanted: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        revised(LINE, wanted, PLACE)
    times = {"start": 10.0, "end": 12.0, **wanted}
    with pytest.raises(Invalid, match=sentence):
        inserted(Line(id=NEW, text="Hm.", start=times["start"], end=times["end"]), PLACE)


def test_an_old_flaw_does_not_stand_in_the_way_of_a_new_text() -> None:
    assert revised(LINE, {"text": "the pump"}, replace(PLACE, duration=1.0)) is not None


def test_what_is_inserted_is_locked() -> None:
    change = inserted(Line(id=NEW, start=11.00049, end=12.0, text="  Hm. "), PLACE)
    assert change.after == (Line(id=NEW, start=11.0, end=12.0, text="Hm.", locked=True),)
    assert (change.before, change.action, change.segment_id) == ((), "insert", NEW)


def test_what_is_deleted_is_removed() -> None:
    assert (deleted(LINE).removed, deleted(LINE).segment_id) == ([B], B)


@pytest.mark.parametrize(
    ("at", "end", "start"), [({"word": 2, "time": None}, 11.0, 11.0), ({"word": None, "time": 11.2}, 11.2, 11.2)]
)
def test_a_split_parts_words_and_times(at: dict[str, Any], end: float, start: float) -> None:
    line = replace(LINE, speaker="Ada")
    change = split(line, **at, new_id=NEW)
    first, second = change.after
    assert (first.id, first.start, first.end, first.text) == (B, 10.0, end, "the pond")
    assert (second.id, second.start, second.end, second.text) == (NEW, start, 12.0, "is blue.")
    assert [word.text for word in first.words] == ["the", "pond"]
    assert first.words == WORDS[:2]
    assert second.words == (replace(WORDS[2], start=max(11.0, start)), WORDS[3])
    assert first.locked
    assert second.locked
    assert {first.speaker, second.speaker} == {"Ada"}
    assert change.removed == []


def test_a_split_without_words_goes_by_their_length() -> None:
    first, second = split(replace(LINE, words=(), text="abc de"), word=1, time=None, new_id=NEW).after
    assert (first.end, second.start, first.words, second.words) == (11.2, 11.2, (), ())


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ({"word": None, "time": None}, "Say where"),
        ({"word": 1, "time": 11.0}, "Say where"),
        ({"word": 4, "time": None}, "has 4 words"),
        ({"word": None, "time": 10.1}, "has 4 words"),
        ({"word": None, "time": 12.0}, "lasts from 10 to 12 seconds"),
    ],
)
def test_a_split_needs_words_on_both_sides(at: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        split(LINE, **at, new_id=NEW)


def test_a_segment_of_no_length_cannot_be_split() -> None:
    with pytest.raises(Invalid, match="too short"):
        split(replace(LINE, start=12.0), word=2, time=None, new_id=NEW)


def test_a_merge_has_the_words_of_both() -> None:
    change = merged(LINE, replace(NEXT, speaker="Ada"))
    (line,) = change.after
    assert (line.id, line.start, line.end, line.text) == (B, 10.0, 13.0, "the pond is blue. Look.")
    assert line.words == (*WORDS, *NEXT.words)
    assert (line.speaker, line.locked, line.doubts) == ("Ada", True, (DOUBT,))
    assert change.removed == [C]


def test_two_speakers_are_not_merged() -> None:
    with pytest.raises(Invalid, match="Ada says the first segment and Ben the second"):
        merged(replace(LINE, speaker="Ada"), replace(NEXT, speaker="Ben"))


def test_an_edit_is_taken_back_if_nobody_edited_since() -> None:
    edited = after({"text": "the pump is blue."})
    change = undone([LINE], [edited], [edited], PLACE)
    assert (change.action, change.before, change.after) == ("undo", (edited,), (LINE,))
    for present in ([replace(edited, text="the pump")], []):
        with pytest.raises(Conflict, match="changed again since"):
            undone([LINE], [edited], present, PLACE)
    with pytest.raises(Invalid, match="must not start later"):
        undone([LINE], [edited], [edited], replace(PLACE, after=replace(NEXT, start=9.0)))


def test_a_segment_is_the_same_after_a_stay_in_the_history() -> None:
    line = replace(after({"text": "the pump is blue."}), speaker="Ada", doubts=(DOUBT,))
    assert line_of(json.loads(json.dumps(state_of(line)))) == line
