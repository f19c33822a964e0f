from typing import Any

import pytest

from services.nova.answering.answer import Answer, Findable, Part, Thing, Trade, sections
from services.nova.answering.told import Quote
from shared.analyses import EVERYTHING, AnalysisType
from shared.contracts import Kind


def chapter(**fields: Any) -> Part:
    return Part.model_validate({"start": 0, "end": 9, "title": "x", "confidence": 0.5} | fields)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (75, 75),
        ("75", 75),
        ("75.5", 75.5),
        ("75 s", 75),
        ("75.5 seconds", 75.5),
        ("1:15", 75),
        ("01:15.5", 75.5),
        ("01:15,5", 75.5),
        ("00:01:15", 75),
        ("1:01:15", 3675),
        ("90:00", 5400),
        (" 0:05 ", 5),
    ],
)
def test_times_are_read_as_they_are_written(told: Any, seconds: float) -> None:
    assert chapter(end=told).end == seconds


@pytest.mark.parametrize("told", ["late", "1:2:3:4", "", None, [], "1:15 to 1:20", "1h"])
def test_what_is_no_time_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="end"):
        chapter(end=told)


@pytest.mark.parametrize(
    ("told", "share"), [(0.8, 0.8), ("0.8", 0.8), ("80%", 0.8), ("80 %", 0.8), (80, 0.8), (1, 1), (None, None)]
)
def test_confidence_is_a_share(told: Any, share: float | None) -> None:
    assert chapter(confidence=told).confidence == share


@pytest.mark.parametrize("told", [1.5, 8, -0.1, 101, "high", "150%"])
def test_what_is_no_confidence_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="confidence"):
        chapter(confidence=told)


def test_a_missing_confidence_is_none() -> None:
    assert Part(start=0, end=1, title="x").confidence is None


def test_sources_and_kinds_are_read_however_they_are_written() -> None:
    assert Quote.model_validate({"source": "File Name", "phrase": 812}).source == "filename"
    assert Quote.model_validate({"source": "VISUAL", "phrase": 812}).phrase == "812"
    assert Thing.model_validate({"kind": "Equipment", "name": "crane"}).kind == "equipment"
    with pytest.raises(ValueError, match="source"):
        Quote.model_validate({"source": "audio", "phrase": "x"})


def test_one_thing_stands_for_a_list_of_one_and_nothing_for_none() -> None:
    quote = {"source": "visual", "phrase": "a rock"}
    assert chapter(evidence=quote).evidence == (Quote(source="visual", phrase="a rock"),)
    assert chapter(evidence=None).evidence == ()
    spans = Thing.model_validate({"kind": "object", "name": "x", "spans": [[1, "0:04"], {"start": 5, "end": 6}, 8]}).spans
    assert [(span.start, span.end) for span in spans] == [(1, 4), (5, 6), (8, 8)]


def test_a_value_by_itself_is_a_value_without_evidence() -> None:
    place = Findable.model_validate({"location": {"city": "Austin", "country": None, "site_name": 5}, "project": None}).location
    assert (place.city.value, place.country.value, place.site_name.value) == ("Austin", "unknown", "5")
    assert place.city.evidence == ()
    assert Trade.model_validate({"dimensions": {"family": None}}).dimensions["family"].value == "unknown"


def test_prose_by_itself_is_prose_without_evidence() -> None:
    answer = Answer.model_validate({"summary": {"brief": "A grotto."}, "description": "A pool."})
    assert answer.summary is not None
    assert answer.summary.brief is not None
    assert answer.summary.brief.text == "A grotto."
    assert answer.summary.standard is None
    assert answer.description is not None
    assert answer.description.text == "A pool."


def test_the_sections_of_an_answer_stand_in_their_order() -> None:
    assert sections(EVERYTHING[Kind.VIDEO]) == (
        "summary",
        "chapters",
        "elements",
        "waterfall_classification",
        "search_metadata",
    )
    assert sections([AnalysisType.METADATA]) == ("search_metadata",)
    assert sections([AnalysisType.TRANSCRIPT_SUMMARY]) == ("transcript_summary",)
    assert sections([AnalysisType.TRANSCRIPT_SUMMARY, AnalysisType.SUMMARY]) == (
        "summary",
        "transcript_summary",
        "search_metadata",
    )
