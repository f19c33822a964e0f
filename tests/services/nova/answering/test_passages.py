from services.nova.analyst import Passage
from services.nova.answering.answer import Lengths
from services.nova.answering.passages import passage, summary
from services.nova.answering.told import Prose
from services.nova.provenance import Source
from shared.analyses import AnalysisType
from tests.services.nova.answering.telling import concluded, ground, quote, said, seen


def test_prose_stays_with_the_evidence_that_is_found() -> None:
    told = Prose.model_validate({"text": "A grotto.", "evidence": [said("custom grotto"), said("made up")], "confidence": 0.8})
    kept = passage(told, ground())
    assert [piece.phrase for piece in kept.evidence] == ["custom grotto"]
    assert kept.confidence == 0.8


def test_prose_without_evidence_is_doubtful() -> None:
    assert passage(Prose(text="A grotto."), ground()) == Passage(text="A grotto.", evidence=(), confidence=0.3)


def test_paragraphs_stay_and_control_characters_go() -> None:
    assert passage(Prose(text="One \x00 two.\n\n\nThree\tfour. "), ground()).text == "One two.\n\nThree four."


def test_the_lengths_that_were_told_are_kept() -> None:
    kept = summary(Lengths(brief=Prose(text="Short."), detailed=Prose(text="Long.")), ground())
    assert (kept.brief and kept.brief.text, kept.standard, kept.detailed and kept.detailed.text) == ("Short.", None, "Long.")


def test_a_summary_of_speech_rests_on_speech_alone() -> None:
    told = {"transcript_summary": {"text": "They talk.", "evidence": [seen(), said("custom grotto"), quote("path", "Smith")]}}
    found = concluded(told, AnalysisType.TRANSCRIPT_SUMMARY)
    assert found.transcript_summary is not None
    assert [piece.source for piece in found.transcript_summary.evidence] == [Source.TRANSCRIPT]
    assert found.notes == ("2 quotes were not found where they are said to come from, and were left out.",)
