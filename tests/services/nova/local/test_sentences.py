from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import Segment
from services.nova.local.sentences import sentences
from services.nova.words import WORD
from tests.support.material import segments


def test_a_sentence_may_run_over_segments_and_a_segment_hold_several() -> None:
    found = sentences([Segment(start=0, end=4, text="We built"), Segment(start=4, end=8, text="a pool. It is big. And")])
    assert [sentence.text for sentence in found] == ["We built a pool.", "It is big.", "And"]
    assert found[0].start == 0
    assert 4 < found[0].end <= found[1].start < found[1].end <= found[2].start < found[2].end == 8


def test_a_stop_within_a_number_ends_nothing() -> None:
    assert len(sentences(segments(["it is 2.5 feet high."]))) == 1


def test_silence_and_length_end_sentences_that_no_stop_ends() -> None:
    assert len(sentences(segments(["water", "slide"], pause=5))) == 2
    assert len(sentences(segments(["ten words without a stop are in this one segment"] * 20))) == 4


def test_stops_of_other_scripts() -> None:
    assert [s.text for s in sentences(segments(["これは滝です。大きい。", "هل هذا شلال؟ نعم"]))] == [
        *("これは滝です。", "大きい。", "هل هذا شلال؟", "نعم"),
    ]


def test_telling_words_are_stems_without_everyday_words() -> None:
    assert sentences(segments(["We have the 2 big Slides and slides."]))[0].terms == ("big", "slide", "slide")


@given(st.lists(st.text(max_size=60), max_size=12))
def test_no_word_is_lost(texts: list[str]) -> None:
    spoken = segments(texts)
    kept = " ".join(sentence.text for sentence in sentences(spoken))
    assert WORD.findall(kept) == [word for text in texts for word in WORD.findall(text)]
