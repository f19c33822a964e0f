"""Answers are made to what the product's own prompts ask for, of what stands in them."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from services.nova.analyst import Material, Segment, Span, Summary
from services.nova.answering.answer import Answer
from services.nova.answering.parsing import InvalidAnswer, parsed
from services.nova.prompting.context import context_of
from services.nova.prompting.instructions import Prompt, instructions, merge_prompt, repair_prompt, transcript_summary_prompt
from services.nova.requests import Medium, MediumKind, converse_request
from services.nova.taxonomy import load
from shared.analyses import EVERYTHING, AnalysisType, Depth
from shared.contracts import Kind
from tests.support.bedrock import FakeBedrock, Fault, Trouble
from tests.support.bedrock.clients import LITE_2, said
from tests.support.bedrock.schemas import fits

TAXONOMY = load()
SPEECH = (
    "Today we repair the leak behind the waterfall.",
    "The mini excavator digs out the liner.",
    "We set boulders and fill the gaps with foam.",
)


def material(kind: Kind, *, seconds: float | None = 130.0, speech: tuple[str, ...] = SPEECH) -> Material:
    segments = tuple(Segment(start=at * 6, end=at * 6 + 4, text=text) for at, text in enumerate(speech))
    return Material(
        file_id=uuid4(),
        kind=kind,
        path="/films/Miller Residence 2024-08-12/pond_leak_repair_012.mp4",
        duration=seconds,
        segments=segments,
        captured_at=datetime(2024, 8, 12, 9, 30, tzinfo=UTC),
    )


def ask(runtime: Any, prompt: Prompt, context: str = "", medium: Medium | None = None) -> str:
    return said(runtime.converse(**converse_request(LITE_2, prompt, context, medium, most_output_tokens=10_000)))


def asked(runtime: Any, kind: Kind, media: dict[Kind, Medium], **options: Any) -> tuple[Answer, str, Prompt]:
    """What is answered about a file of this kind, after a check that it fits the schema that it was asked for with."""
    context = context_of(material(kind), characters=8000)
    prompt = instructions(kind, EVERYTHING[kind], taxonomy=TAXONOMY, **options)
    raw = ask(runtime, prompt, context, media.get(kind))
    assert fits(json.loads(raw), prompt.schema, prompt.schema)
    return parsed(raw, kind, EVERYTHING[kind]), context, prompt


@pytest.fixture
def media(film: bytes, photo: bytes) -> dict[Kind, Medium]:
    return {Kind.VIDEO: Medium(MediumKind.VIDEO, film, "mp4"), Kind.IMAGE: Medium(MediumKind.IMAGE, photo, "png")}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_section_that_is_asked_for_is_answered(runtime: Any, media: dict[Kind, Medium], kind: Kind) -> None:
    answer, _, prompt = asked(runtime, kind, media)
    assert {name for name, section in answer if section is not None} == set(prompt.schema["required"])


@pytest.mark.parametrize("kind", list(Kind))
def test_quotes_stand_in_the_context(runtime: Any, media: dict[Kind, Medium], kind: Kind) -> None:
    answer, context, _ = asked(runtime, kind, media)
    quotes = list(evidence(answer.model_dump()))
    assert len(quotes) > 5
    assert [one for one in quotes if one["source"] != "visual" and one["phrase"] not in context] == []
    assert {one["source"] for one in quotes} >= ({"visual", "filename"} if kind is Kind.IMAGE else {"transcript"})


def evidence(value: Any) -> Any:
    if isinstance(value, dict):
        yield from value.get("evidence", ())
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from evidence(one)


def test_chapters_cover_what_is_shown_and_elements_lie_in_it(runtime: Any, media: dict[Kind, Medium]) -> None:
    answer, _, _ = asked(runtime, Kind.VIDEO, media)
    assert answer.chapters
    assert answer.chapters[0].start == 0
    assert answer.chapters[-1].end == 12.0  # as the video is, whatever the context says
    assert [one.end for one in answer.chapters[:-1]] == [one.start for one in answer.chapters[1:]]
    spans = [span for thing in answer.elements or () for span in thing.spans]
    assert spans
    assert all(0 <= span.start <= span.end <= 12.0 for span in spans)


def test_a_long_recording_has_several_chapters(runtime: Any) -> None:
    answer, _, _ = asked(runtime, Kind.AUDIO, {})
    assert answer.chapters
    assert [(one.start, one.end) for one in answer.chapters] == [(0.0, 65.0), (65.0, 130.0)]


def test_customer_number_and_day_are_taken_from_names_and_records(runtime: Any, media: dict[Kind, Medium]) -> None:
    answer, _, _ = asked(runtime, Kind.VIDEO, media)
    assert answer.search_metadata
    project = answer.search_metadata.project
    assert (project.customer_name.value, project.job_number.value) == ("Miller", "012")
    assert project.customer_name.confidence == 0.35
    assert answer.search_metadata.location.city.value == "unknown"
    assert [(day.kind, day.value) for day in answer.search_metadata.dates] == [("capture", "2024-08-12")]


def test_values_are_those_of_the_taxonomy(runtime: Any, media: dict[Kind, Medium]) -> None:
    answer, _, _ = asked(runtime, Kind.VIDEO, media)
    assert answer.waterfall_classification
    for name, choice in answer.waterfall_classification.dimensions.items():
        assert choice.value in {*TAXONOMY.dimensions[name].values, "Unknown"}
        assert bool(choice.evidence) == (choice.value != "Unknown") == (choice.unknown_reason is None)


def test_one_depth_is_one_summary(runtime: Any, media: dict[Kind, Medium]) -> None:
    answer, _, _ = asked(runtime, Kind.VIDEO, media, depth=Depth.BRIEF)
    assert answer.summary
    assert answer.summary.brief
    assert answer.summary.standard is None


def test_a_transcript_is_summed_up_without_the_film(runtime: Any) -> None:
    prompt = transcript_summary_prompt(taxonomy=TAXONOMY)
    raw = ask(runtime, prompt, context_of(material(Kind.AUDIO), characters=8000))
    summary = parsed(raw, Kind.VIDEO, (AnalysisType.TRANSCRIPT_SUMMARY,)).transcript_summary
    assert summary
    assert {quote.source for quote in summary.evidence} == {"transcript"}


def test_a_silent_file_is_answered_from_what_is_seen(runtime: Any, media: dict[Kind, Medium]) -> None:
    context = context_of(material(Kind.VIDEO, speech=()), characters=8000)
    raw = ask(runtime, instructions(Kind.VIDEO, EVERYTHING[Kind.VIDEO], taxonomy=TAXONOMY), context, media[Kind.VIDEO])
    sources = {one["source"] for one in evidence(parsed(raw, Kind.VIDEO, EVERYTHING[Kind.VIDEO]).model_dump())}
    assert "transcript" not in sources
    assert sources


def test_summaries_are_merged(runtime: Any) -> None:
    told = Summary.model_validate({"brief": {"text": "A wall of boulders is set.", "evidence": (), "confidence": 0.5}})
    prompt = merge_prompt([(Span(start=0, end=900), told), (Span(start=890, end=1500), told)], taxonomy=TAXONOMY)
    raw = ask(runtime, prompt)
    assert fits(json.loads(raw), prompt.schema, prompt.schema)
    assert "boulders" in raw


PROMPT = instructions(Kind.VIDEO, EVERYTHING[Kind.VIDEO], taxonomy=TAXONOMY)


def spoilt(runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium], trouble: Trouble) -> tuple[str, str]:
    """The words of an answer with trouble, and why it stopped; it is charged for all the same."""
    bedrock.script(Fault(trouble))
    context = context_of(material(Kind.VIDEO), characters=8000)
    answer = runtime.converse(**converse_request(LITE_2, PROMPT, context, media[Kind.VIDEO], most_output_tokens=10_000))
    assert bedrock.calls[-1].billed
    assert bedrock.calls[-1].fault is trouble
    return said(answer), answer["stopReason"]


def understood(raw: str) -> Answer:
    return parsed(raw, Kind.VIDEO, EVERYTHING[Kind.VIDEO])


@pytest.mark.parametrize(
    ("trouble", "beginning"), [(Trouble.FENCED, "```json\n{"), (Trouble.TRAILING_PROSE, "Here is the JSON:")]
)
def test_what_surrounds_an_answer_does_not_change_it(
    runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium], trouble: Trouble, beginning: str
) -> None:
    raw, stop_reason = spoilt(runtime, bedrock, media, trouble)
    assert raw.startswith(beginning)
    assert stop_reason == "end_turn"
    assert understood(raw) == understood(ask_plainly(runtime, media))


def ask_plainly(runtime: Any, media: dict[Kind, Medium]) -> str:
    return ask(runtime, PROMPT, context_of(material(Kind.VIDEO), characters=8000), media[Kind.VIDEO])


@pytest.mark.parametrize(
    ("trouble", "stop_reason"),
    [
        (Trouble.MALFORMED_JSON, "end_turn"),
        (Trouble.TRUNCATED, "max_tokens"),
        (Trouble.CONTENT_FILTERED, "content_filtered"),
        (Trouble.MALFORMED_MODEL_OUTPUT, "malformed_model_output"),
        (Trouble.CONTEXT_EXCEEDED, "model_context_window_exceeded"),
        (Trouble.UNKNOWN_VALUE, "end_turn"),
        (Trouble.MISSING_SECTION, "end_turn"),
    ],
)
def test_answers_that_are_of_no_use_and_their_repair(
    runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium], trouble: Trouble, stop_reason: str
) -> None:
    raw, stopped = spoilt(runtime, bedrock, media, trouble)
    assert stopped == stop_reason
    with pytest.raises(InvalidAnswer) as refused:
        understood(raw)
    mended = ask(runtime, repair_prompt(raw, refused.value.faults, PROMPT.schema))
    assert fits(json.loads(mended), PROMPT.schema, PROMPT.schema)
    understood(mended)


def test_a_repair_keeps_what_was_right(runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium]) -> None:
    raw, _ = spoilt(runtime, bedrock, media, Trouble.MALFORMED_JSON)
    mended = ask(runtime, repair_prompt(raw, ["A comma is missing."], PROMPT.schema))
    assert understood(mended) == understood(ask_plainly(runtime, media))


def test_filtered_content_is_empty(runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium]) -> None:
    assert spoilt(runtime, bedrock, media, Trouble.CONTENT_FILTERED) == ("", "content_filtered")
    assert bedrock.calls[0].answer["output"]["message"]["content"] == []
    assert bedrock.calls[0].answer["usage"]["outputTokens"] == 0


def test_times_beyond_the_end(runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium]) -> None:
    answer = understood(spoilt(runtime, bedrock, media, Trouble.BEYOND_THE_END)[0])
    assert answer.chapters
    assert answer.elements
    assert answer.chapters[-1].end > 12
    assert any(span.end > 12 for thing in answer.elements for span in thing.spans)


def test_chapters_that_overlap(runtime: Any, bedrock: FakeBedrock, media: dict[Kind, Medium]) -> None:
    chapters = understood(spoilt(runtime, bedrock, media, Trouble.OVERLAPPING)[0]).chapters
    assert chapters
    assert any(one.end > other.start for one, other in pairwise(chapters))


def test_a_question_without_a_schema_is_answered_in_words(runtime: Any) -> None:
    raw = ask(runtime, Prompt("", "What is it?", "1", {}))
    assert not raw.startswith("{")
