import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nova.words import said, stem, written
from tests.support.material import segments


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Boulders", "boulder"),
        ("slides", "slide"),
        ("Smith's", "smith"),
        ("glass", "glass"),
        ("is", "is"),
        ("isn\u2019t", "isn't"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)
def test_stem(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_words_keep_the_time_of_their_segment() -> None:
    words = said(segments(["one two.", "three"]))
    assert [(word.text, word.start, word.segment) for word in words] == [("one", 0.0, 0), ("two", 0.0, 0), ("three", 4.5, 1)]


def test_a_sentence_goes_on_across_segments_until_a_stop() -> None:
    words = said(segments(["we built a water", "slide. and then", "a grotto, too"]))
    assert [word.sentence for word in words] == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    assert words[-1].clause == words[-2].clause + 1


def test_a_silence_ends_a_sentence() -> None:
    first, second = said(segments(["water", "slide"], pause=5))
    assert first.sentence != second.sentence


def test_decimals_stay_whole() -> None:
    assert [word.text for word in said(segments(["it is 2.5 feet."]))] == ["it", "is", "2.5", "feet"]


@pytest.mark.parametrize("text", ["מים, מפל", "شلّالٌ كبير", "हिन्दी झरना", "น้ำตก ใหญ่"])
def test_marks_of_other_scripts_do_not_split_words(text: str) -> None:
    assert len(said(segments([text]))) == 2


def test_written_words_of_one_name_belong_together() -> None:
    assert {word.sentence for word in written(("no", "slide"), place=3)} == {3}


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for word in said(segments([text])):
        assert word.text in text
