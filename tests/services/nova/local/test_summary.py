from hypothesis import given
from hypothesis import strategies as st

from services.nova.analyst import Passage
from services.nova.local.sentences import sentences
from services.nova.local.summary import BRIEF, DETAILED, STANDARD, summarise
from services.nova.provenance import Evidence, Source
from tests.support.material import segments

NAME = Evidence(source=Source.FILENAME, phrase="smith grotto")
TALK = [
    f"{subject} {verb} the {thing}"
    for subject in ("the crew", "Anna")
    for verb in ("sets", "cuts", "lifts")
    for thing in ("boulder", "veneer", "pump")
]


def told(passage: Passage | None) -> Passage:
    assert passage is not None
    return passage


def test_three_lengths_each_within_the_next() -> None:
    spoken = sentences(segments([f"{text}." for text in TALK]))
    summary = summarise(spoken, NAME)
    brief, standard, detailed = (set(told(passage).evidence) for passage in (summary.brief, summary.standard, summary.detailed))
    assert len(brief) == BRIEF < len(standard) == STANDARD < len(detailed) <= DETAILED
    assert brief < standard < detailed


def test_sentences_keep_their_order_and_times() -> None:
    story = [
        "lunch was late.",
        "the grotto has a slide.",
        "the slide leaves the grotto behind the waterfall.",
        "the waterfall hides.",
    ]
    summary = summarise(sentences(segments(story)), NAME)
    assert told(summary.brief).text == story[2]
    assert told(summary.standard).text == " ".join(story)
    assert [piece.start for piece in told(summary.standard).evidence] == [0.0, 4.5, 9.0, 13.5]


def test_what_repeats_is_told_once() -> None:
    summary = summarise(sentences(segments(["we built a grotto."] * 5 + ["the slide is blue."])), NAME)
    assert told(summary.detailed).text == "we built a grotto. the slide is blue."


def test_a_stop_is_added_where_there_is_none() -> None:
    assert told(summarise(sentences(segments(["grotto"])), NAME).brief).text == "grotto."


def test_without_speech_the_summary_says_so_and_names_the_file() -> None:
    summary = summarise((), NAME)
    assert told(summary.brief).text == "No speech. smith grotto"
    assert told(summary.brief).evidence == (NAME,)
    assert told(summary.brief).confidence <= 0.4


@given(st.lists(st.text(max_size=40), max_size=30))
def test_only_what_was_said(texts: list[str]) -> None:
    spoken = sentences(segments(texts))
    summary = summarise(spoken, NAME)
    assert summary == summarise(spoken, NAME)
    for piece in told(summary.detailed).evidence if spoken else ():
        assert piece.phrase in {sentence.text for sentence in spoken}
