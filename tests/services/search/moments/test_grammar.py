"""What people type is taken apart, and never refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.moments.grammar import FILE_FIELDS, MOST, TEXT_FIELDS, Condition, Form, Term, read


def test_words_phrases_beginnings_and_exclusions() -> None:
    asked = read('water "dig the pond" wat* -lunch -"the pump" -exc*')
    assert asked.terms == (
        Term(Form.WORD, "water"),
        Term(Form.PHRASE, "dig the pond"),
        Term(Form.BEGINNING, "wat"),
        Term(Form.WORD, "lunch", excluded=True),
        Term(Form.PHRASE, "the pump", excluded=True),
        Term(Form.BEGINNING, "exc", excluded=True),
    )
    assert (asked.plain, asked.unwanted) == ('water "dig the pond"', '"lunch" or "the pump"')
    assert (asked.beginnings, asked.unwanted_beginnings) == ("'wat':*", "'exc':*")
    assert asked.meant == "water dig the pond wat"
    assert asked.notes == ()


def test_fields_say_which_files_and_which_texts() -> None:
    asked = read('camera:"Canon EOS" -FAMILY:formal said:pump chapter:"the grotto" evening')
    assert asked.conditions == (Condition("camera", "Canon EOS"), Condition("family", "formal", excluded=True))
    assert asked.texts == ("transcript", "chapter")
    assert asked.plain == 'pump "the grotto" evening'


def test_what_must_not_be_said_does_not_say_where_to_look() -> None:
    assert read("pond -said:pump").texts == ()


def test_a_field_that_is_none_is_taken_as_words_and_told_of() -> None:
    asked = read("lens:50mm pond")
    assert asked.plain == "lens:50mm pond"
    assert "no field lens:" in asked.notes[0]
    assert "camera" in asked.notes[0]
    assert read("http://example.org").notes == ()


def test_a_lonely_quotation_mark_is_told_of_and_its_words_are_kept() -> None:
    asked = read('waterfall "in the evening')
    assert asked.plain == "waterfall in the evening"
    assert "quotation mark" in asked.notes[0]


@pytest.mark.parametrize(("q", "exact"), [("pond build", False), ('"pond"', True), ("pond -a", True), ("po*", True)])
def test_who_says_how_words_are_to_be_gets_no_others(q: str, exact: bool) -> None:
    assert read(q).is_exact == exact


@pytest.mark.parametrize("q", ["", "-", '""', "camera:", '-""', "🌊", "* ** -*", "&|!()"])
def test_what_has_no_word_has_no_terms(q: str) -> None:
    assert [term for term in read(q).terms if term.text != "camera:"] == []
    assert read(q).conditions == ()


def test_a_pasted_text_is_cut_and_that_is_told() -> None:
    asked = read("a " * (MOST + 1))
    assert len(asked.terms) == MOST
    assert f"first {MOST} words" in asked.notes[0]


@given(
    st.text() | st.lists(st.sampled_from([*FILE_FIELDS, *TEXT_FIELDS, ":", '"', "-", "*", " ", "x", "'", "\\"])).map("".join)
)
def test_any_text_can_be_read(q: str) -> None:
    asked = read(q)
    assert all(condition.field in FILE_FIELDS and condition.value for condition in asked.conditions)
    assert set(asked.texts) <= set(TEXT_FIELDS.values())
    for term in asked.terms:
        assert '"' not in term.text
        assert term.text.strip()
