import pytest

from services.nova.local.cues import Lexicon
from services.nova.provenance import Source
from tests.support.material import reading


def found(lexicon: Lexicon, *sentences: str) -> list[str]:
    return [mention.phrase for mention in lexicon.mentions(reading(*sentences).transcript)]


def test_the_longest_phrase_counts_once() -> None:
    lexicon = Lexicon({"boulders": ["boulder", "natural boulder"]})
    assert found(lexicon, "natural boulders and a boulder") == ["natural boulder", "boulder"]


def test_one_word_may_speak_for_two_terms() -> None:
    lexicon = Lexicon({"slide": ["slide"], "stairs": ["slide with steps"]})
    assert sorted(found(lexicon, "a slide with steps")) == ["slide", "slide with steps"]


def test_masked_words_do_not_count() -> None:
    lexicon = Lexicon({"slide": ["slide"]}, ["next slide"])
    assert found(lexicon, "on the next slide you see a slide") == ["slide"]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("installed in one day", True),
        ("installed here by us in one day", True),
        ("installed. in one day", False),
        ("installed by all of our people in one day", False),
    ],
)
def test_a_gap_spans_three_words_within_a_sentence(text: str, hit: bool) -> None:
    assert bool(found(Lexicon({"kit": ["installed * in one day"]}), text)) is hit


def test_a_phrase_is_found_across_segments() -> None:
    (mention,) = Lexicon({"slide": ["water slide"]}).mentions(reading("there is a water", "slide over there.").transcript)
    assert (mention.evidence.start, mention.evidence.end) == (0.0, 8.5)
    assert mention.evidence.phrase == "there is a water slide over there"


def test_evidence_from_names_is_the_name() -> None:
    text = reading(path="Smith_Grotto_final.mp4").filename
    (mention,) = Lexicon({"grotto": ["grotto"]}).mentions(text)
    assert (mention.evidence.source, mention.evidence.phrase) == (Source.FILENAME, "Smith_Grotto_final")
    assert mention.evidence.start is None
