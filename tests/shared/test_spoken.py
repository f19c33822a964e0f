"""Words and their times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.spoken import Segment, Word, glued, realigned, row_of, spread, tokens, word_of, words_of

HEARD = (
    Word(0.0, 0.4, "the", 0.9),
    Word(0.4, 1.0, "pond", 0.5),
    Word(1.0, 1.5, "is", 0.9),
    Word(1.5, 2.0, "blue.", 0.8),
)


def timed(text: str, start: float = 0.0, end: float = 2.0) -> list[tuple[str, float, float, bool]]:
    return [
        (word.text, round(word.start, 2), round(word.end, 2), word.estimated) for word in realigned(HEARD, text, start, end)
    ]


def test_an_unchanged_text_keeps_its_words() -> None:
    assert realigned(HEARD, "the pond is blue.", 0.0, 2.0) == HEARD


def test_capitals_and_signs_are_not_heard() -> None:
    assert [(word.text, word.start, word.probability) for word in realigned(HEARD, "The pond - is blue!", 0.0, 2.0)][-1] == (
        "blue!",
        1.5,
        0.8,
    )
    assert timed("The pond is blue!")[0] == ("The", 0.0, 0.4, False)


def test_a_corrected_word_takes_the_time_of_the_wrong_one() -> None:
    assert timed("the pump is blue.") == [
        ("the", 0.0, 0.4, False),
        ("pump", 0.4, 1.0, True),
        ("is", 1.0, 1.5, False),
        ("blue.", 1.5, 2.0, False),
    ]


def test_words_that_were_missing_share_time_with_their_neighbours() -> None:
    words = timed("the big old pond is blue.")
    assert [word[0] for word in words if word[3]] == ["the", "big", "old", "pond"]
    assert words[-2:] == [("is", 1.0, 1.5, False), ("blue.", 1.5, 2.0, False)]


def test_a_shorter_segment_keeps_the_words_that_are_in_it() -> None:
    assert timed("is blue.", 1.2, 1.9) == [("is", 1.2, 1.5, False), ("blue.", 1.5, 1.9, False)]


def test_a_segment_moved_elsewhere_has_estimates_only() -> None:
    assert timed("the pond", 20.0, 21.4) == [("the", 20.0, 20.6, True), ("pond", 20.6, 21.4, True)]


def test_scripts_without_spaces_have_a_word_for_each_character() -> None:
    assert tokens("水池 is 青い") == ["水", "池", " is", " 青", "い"]
    assert glued("水", "池") == "水池"
    assert glued("水", "is") == "水 is"
    words = realigned((Word(0.0, 1.0, "水池", 0.5), Word(1.0, 2.0, "青い", 0.5)), "水泉青い", 0.0, 2.0)
    assert [(word.text, word.start, word.estimated) for word in words] == [
        ("水", 0.0, False),
        ("泉", 0.5, True),
        ("青", 1.0, False),
        ("い", 1.5, False),
    ]


@given(
    texts=st.lists(st.sampled_from(["the", "pond", "a", "blue.", "waterfall", "池", "…"]), min_size=1, max_size=12).map(
        " ".join
    ),
    start=st.floats(0, 1.5),
    length=st.floats(0.01, 30),
)
def test_realigned_words_are_those_of_the_text_in_order_within_the_segment(texts: str, start: float, length: float) -> None:
    words = realigned(HEARD, texts, start, start + length)
    assert [word.text for word in words] == [token.strip() for token in tokens(texts)]
    times = [time for word in words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= start
    assert times[-1] <= start + length + 1e-9


@given(text=st.text(max_size=80))
def test_tokens_are_the_text_on_one_line(text: str) -> None:
    assert "".join(tokens(text)) == " ".join(text.split())


def test_words_are_measured_or_estimated_by_their_length() -> None:
    silent = Segment(start=2.0, end=4.0, text="ab abcdef")
    assert [(word.start, word.end, word.estimated) for word in words_of(silent)] == [(2.0, 2.5, True), (2.5, 4.0, True)]
    assert words_of(Segment(start=0.0, end=2.0, text="x", words=HEARD)) == HEARD
    assert spread([], 0.0, 1.0) == ()


@pytest.mark.parametrize("word", [HEARD[0], Word(0.0, 1.0, "pump", estimated=True)])
def test_words_are_kept_as_rows(word: Word) -> None:
    assert word_of(row_of(word)) == word
    assert ("estimated" in row_of(word)) == word.estimated
