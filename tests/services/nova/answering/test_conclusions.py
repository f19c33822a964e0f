import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.nova.analyst import Analysis, Element, ElementKind, Material, SearchMetadata, Span
from services.nova.answering.answer import sections
from services.nova.answering.clock import clip_of
from services.nova.answering.conclusions import analysis_of
from services.nova.answering.parsing import parsed
from services.nova.answering.schema import schema_of
from services.nova.provenance import UNKNOWN
from services.nova.taxonomy import UNKNOWN as UNDECIDED
from services.nova.taxonomy import answer_schema
from shared.analyses import POSSIBLE, PROMPT_VERSION, AnalysisType
from tests.services.nova.answering.inventing import answers, files
from tests.services.nova.answering.telling import TRADE, concluded, film, seen, value


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=40)
@given(st.data(), files(), st.none() | st.tuples(st.floats(0, 100), st.floats(0, 100)))
def test_any_answer_that_the_schema_allows_keeps_its_promises(
    data: st.DataObject, file: Material, part: tuple[float, float] | None
) -> None:
    types = sorted(data.draw(st.sets(st.sampled_from(sorted(POSSIBLE[file.kind])), min_size=1)))
    schema = schema_of(sections(types), file.kind, TRADE)
    told = data.draw(answers(schema, schema["$defs"]))
    if told.get("chapters") == []:
        told["chapters"] = [{"start": 0, "end": 1, "title": "x", "summary": "", "evidence": [], "confidence": 1}]
    span = Span(start=part[0], end=part[0] + part[1]) if part else None
    answer = parsed(json.dumps(told), file.kind, types)
    found = analysis_of(answer, file, span=span, types=types, taxonomy=TRADE)
    assert Analysis.model_validate_json(found.model_dump_json()) == found
    clip = clip_of(file, span)
    within = (0.0, 0.0) if clip is None else (clip.start, clip.end)
    _chapters_cover(found, within, AnalysisType.CHAPTERS in types)
    _times_are_within(found.model_dump(mode="json"), within, file.duration or 0.0)
    _unknown_without_evidence(found.model_dump(mode="json"))
    _classification_is_of_the_taxonomy(found)
    _only_what_was_asked(found, set(types))
    _searchable(found.search_metadata)
    _nobody_is_named(found.elements)


def _chapters_cover(found: Analysis, within: tuple[float, float], asked: bool) -> None:
    if not found.chapters:
        return
    assert asked
    assert found.chapters[0].start == within[0]
    assert found.chapters[-1].end == within[1]
    assert all(before.end == after.start for before, after in pairwise(found.chapters))
    assert all(chapter.end > chapter.start for chapter in found.chapters)


def _times_are_within(found: Any, within: tuple[float, float], duration: float) -> None:
    """What is seen lies in the part that was looked at; a sentence may begin before it and end after it."""
    if isinstance(found, list):
        for one in found:
            _times_are_within(one, within, duration)
    elif isinstance(found, dict):
        if found.get("start") is not None:
            assert 0 <= found["start"] <= found["end"] <= duration
            if found.get("source") == "visual":
                assert within[0] <= found["start"] <= found["end"] <= within[1]
        for one in found.values():
            _times_are_within(one, within, duration)


def _unknown_without_evidence(found: Any) -> None:
    """Wherever a value stands beside evidence, it is known if and only if there is some."""
    if isinstance(found, list):
        for one in found:
            _unknown_without_evidence(one)
    elif isinstance(found, dict):
        if "value" in found and "evidence" in found:
            assert (found["value"] in (UNKNOWN, UNDECIDED)) == (not found["evidence"])
            assert ("unknown_reason" not in found) or bool(found["unknown_reason"]) == (not found["evidence"])
        for one in found.values():
            _unknown_without_evidence(one)


def _classification_is_of_the_taxonomy(found: Analysis) -> None:
    classified = found.waterfall_classification
    if classified is None:
        return
    dimensions = answer_schema(TRADE)["properties"]["dimensions"]
    assert list(classified.dimensions) == dimensions["required"]
    for name, decision in classified.dimensions.items():
        known, unknown = dimensions["properties"][name]["oneOf"]
        if decision.value == UNDECIDED:
            assert unknown["properties"]["value"] == {"const": UNDECIDED}
            assert decision.unknown_reason
        else:
            assert decision.value in known["properties"]["value"]["enum"]
    assert len(classified.search_tags) <= 10
    assert len({tag.lower() for tag in classified.search_tags}) == len(classified.search_tags)
    assert classified.content_type.value in (UNKNOWN, *TRADE.content_types)
    assert classified.skill_level.value in (UNKNOWN, *TRADE.skill_levels)


def _only_what_was_asked(found: Analysis, types: set[AnalysisType]) -> None:
    there = {
        AnalysisType.SUMMARY: found.summary,
        AnalysisType.DESCRIPTION: found.description,
        AnalysisType.TRANSCRIPT_SUMMARY: found.transcript_summary,
        AnalysisType.CLASSIFICATION: found.waterfall_classification,
    }
    assert {one for one, section in there.items() if section is not None} == types & set(there)
    assert AnalysisType.ELEMENTS in types or not found.elements
    if types == {AnalysisType.TRANSCRIPT_SUMMARY}:
        assert found.search_metadata == SearchMetadata()


def _searchable(found: SearchMetadata) -> None:
    assert len(found.keywords) <= 20
    assert [word.lower() for word in found.keywords] == list(dict.fromkeys(found.keywords))
    for entity in found.entities:
        assert entity.value not in (UNKNOWN, UNDECIDED)
        assert entity.evidence
        assert set(entity.sources) == {piece.source for piece in entity.evidence}
    for date in found.dates:
        assert date.evidence


def _nobody_is_named(elements: tuple[Element, ...]) -> None:
    for element in elements:
        assert element.evidence
        if element.kind is ElementKind.PERSON:
            assert element.name == element.name.lower()
            assert "smith" not in element.name


def test_a_whole_answer_becomes_an_analysis() -> None:
    found = concluded(
        {
            "chapters": [{"start": 0, "end": 18.5, "title": "All", "summary": "x", "evidence": [seen("a pool", 0, 3)]}],
            "elements": [
                {"kind": "object", "name": "pool", "spans": [[0, 3]], "evidence": [seen("a pool")], "confidence": 0.9}
            ],
            "search_metadata": {"keywords": ["pool"]},
        },
        AnalysisType.CHAPTERS,
        AnalysisType.ELEMENTS,
    )
    assert (found.model, found.version) == ("nova", PROMPT_VERSION)
    assert [chapter.title for chapter in found.chapters] == ["All"]
    assert [element.name for element in found.elements] == ["pool"]
    assert found.notes == ()
    assert found.summary is None
    assert found.waterfall_classification is None


def test_sections_that_were_not_asked_are_passed_over() -> None:
    told = {"summary": {"brief": "x"}, "description": "y", "search_metadata": {"keywords": ["pool"]}}
    found = concluded(told, AnalysisType.CHAPTERS)
    assert (found.summary, found.description) == (None, None)
    assert found.search_metadata.keywords == ("pool",)


def test_a_name_that_nothing_says_is_no_tag_either() -> None:
    """Names are looked at before tags, whatever their order in the answer."""
    told = {
        "waterfall_classification": {"dimensions": {}, "search_tags": ["miami pool", "pool"]},
        "search_metadata": {"location": {"city": value("Miami", seen("palm trees"))}},
    }
    found = concluded(told, AnalysisType.CLASSIFICATION)
    assert found.waterfall_classification is not None
    assert found.waterfall_classification.search_tags == ("pool",)


def test_notes_say_what_was_left_out() -> None:
    told = {
        "elements": [{"kind": "person", "name": "John Smith", "evidence": [seen()]}, {"kind": "object", "name": "x"}],
        "search_metadata": {},
    }
    assert concluded(told, AnalysisType.ELEMENTS).notes == (
        "1 element had no evidence left, and was left out.",
        "1 person was named where only roles belong, and was left out.",
    )


@pytest.mark.parametrize("span", [Span(start=4.5, end=9.0), Span(start=4.5, end=400.0)])
def test_only_the_part_that_was_looked_at_has_a_say(span: Span) -> None:
    file = film(duration=9.0).model_copy(update={"path": "clip.mp4"})
    said_before = {
        "elements": [{"kind": "object", "name": "house", "evidence": [{"source": "transcript", "phrase": "Smith residence"}]}]
    }
    found = concluded(said_before | {"search_metadata": {}}, AnalysisType.ELEMENTS, file=file, span=span)
    assert found.elements == ()
