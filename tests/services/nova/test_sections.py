"""A file's analysis as a whole."""

from typing import Any

from services.nova.analyst import Analysis, Chapter, Made, Passage, SearchMetadata
from services.nova.provenance import Evidence, Source
from services.nova.sections import composed, only
from shared.analyses import AnalysisType

LITE = Made(model="2-lite", version="nova-1")
LOCAL = Made(model="local", version="local-1")
SEEN = Evidence(source=Source.VISUAL, phrase="a slide")


def passage(text: str) -> Passage:
    return Passage(text=text, evidence=(SEEN,), confidence=0.9)


def chapter(title: str) -> Chapter:
    return Chapter(start=0, end=9, title=title, summary="", source=Source.VISUAL, evidence=(SEEN,), confidence=0.9)


def analysis(made: Made, *sections: str, **values: Any) -> Analysis:
    return Analysis(model=made.model, version=made.version, made=dict.fromkeys(sections, made), **values)


def test_sections_that_were_not_asked_for_are_left_out() -> None:
    found = analysis(
        LITE, description=passage("A slide."), chapters=(chapter("One"),), search_metadata=SearchMetadata(keywords=("slide",))
    )
    kept = only(found, [AnalysisType.CHAPTERS], LITE)
    assert (kept.description, kept.chapters) == (None, found.chapters)
    assert kept.search_metadata.keywords == ("slide",)
    assert kept.made == {"chapters": LITE, "search_metadata": LITE}
    assert only(found, [AnalysisType.TRANSCRIPT_SUMMARY], LITE).search_metadata == SearchMetadata()


def test_the_first_analysis_is_taken_as_it_is() -> None:
    found = analysis(LITE, "chapters", chapters=(chapter("One"),))
    assert composed(None, found) is found


def test_a_section_takes_the_place_of_its_own_and_of_no_other() -> None:
    before = analysis(LOCAL, "chapters", "description", chapters=(chapter("Old"),), description=passage("Words."))
    after = composed(before, analysis(LITE, "chapters", chapters=(chapter("New"),)))
    assert [one.title for one in after.chapters] == ["New"]
    assert after.description == passage("Words.")
    assert after.made == {"chapters": LITE, "description": LOCAL}
    assert (after.model, after.version) == ("2-lite", "nova-1")


def test_rules_over_words_do_not_displace_what_a_model_saw() -> None:
    before = analysis(LITE, "chapters", chapters=(chapter("Seen"),))
    after = composed(before, analysis(LOCAL, "chapters", "elements", chapters=(chapter("Guessed"),), notes=("Nobody looked.",)))
    assert [one.title for one in after.chapters] == ["Seen"]
    assert after.made == {"chapters": LITE, "elements": LOCAL}
    assert after.model == "2-lite"


def test_rules_take_the_place_of_older_rules() -> None:
    before = analysis(LOCAL, "chapters", chapters=(chapter("Old"),), notes=("old note",))
    after = composed(before, analysis(LOCAL, "chapters", chapters=(chapter("New"),), notes=("new note",)))
    assert [one.title for one in after.chapters] == ["New"]
    assert after.notes == ("new note",)


def test_notes_of_what_is_left_stay() -> None:
    before = analysis(LITE, "chapters", "summary", notes=("Two pieces of evidence were not found.",))
    after = composed(before, analysis(LITE, "chapters", notes=("One piece was not found.",)))
    assert after.notes == ("Two pieces of evidence were not found.", "One piece was not found.")


def test_notes_of_what_was_displaced_go() -> None:
    before = analysis(LOCAL, "chapters", notes=("No model looked.",))
    assert composed(before, analysis(LITE, "chapters")).notes == ()
