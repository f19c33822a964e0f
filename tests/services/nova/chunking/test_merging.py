"""One analysis of several."""

from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nova.analyst import Analysis, DateFact, DateKind, ElementKind, Made, Passage, Project, SearchMetadata, Summary
from services.nova.chunking.merging import merged, parts_to_tell
from services.nova.chunking.plan import Chunk
from services.nova.provenance import Evidence, Source
from tests.support.chunked import (
    Part,
    analyses,
    analysis,
    chapter,
    classified,
    day,
    decision,
    element,
    entity,
    fact,
    passage,
    seen,
    wholes,
)

FIRST, SECOND = Chunk(1, 0.0, 100.0), Chunk(2, 90.0, 190.0)


def both(one: Analysis, other: Analysis) -> Analysis:
    return merged([(FIRST, one), (SECOND, other)], 190.0)


FOUND: dict[str, Any] = {
    "made": {"chapters": Made(model="2-lite", version="nova-1")},
    "summary": Summary(brief=passage("A pool is built.")),
    "transcript_summary": passage("Two people talk."),
    "description": passage("A pool."),
    "chapters": (chapter(0, 190, "Pool"),),
    "elements": (element("pump", (95, 99)),),
    "waterfall_classification": classified(dimensions={"family": decision("grotto")}),
    "search_metadata": SearchMetadata(keywords=("pool",)),
    "notes": ("It is dark.",),
}


@pytest.mark.parametrize("name", sorted(set(Analysis.model_fields) - {"model", "version"}))
def test_nothing_that_only_one_part_found_is_lost(name: str) -> None:
    found = analysis(**{name: FOUND[name]})
    for whole in (both(found, analysis()), both(analysis(), found)):
        assert getattr(whole, name)
        assert (whole.model, whole.version) == ("2-lite", "nova-1")


def test_summaries_stand_one_after_another_at_each_length() -> None:
    one = Summary(brief=passage("A pool.", 0.9), detailed=passage("A pool is dug and lined."))
    other = Summary(brief=passage("A pump.", 0.6))
    summary = both(analysis(summary=one), analysis(summary=other)).summary
    assert summary == Summary(
        brief=Passage(text="A pool.\n\nA pump.", evidence=(seen("A pool."), seen("A pump.")), confidence=0.6),
        detailed=Passage(
            text="A pool is dug and lined.\n\nA pump.",
            evidence=(seen("A pool is dug and lined."), seen("A pump.")),
            confidence=0.6,
        ),
    )


def test_what_each_part_tells_is_handed_on_in_order() -> None:
    one, other = (Summary(brief=passage(text)) for text in ("A pool.", "A pump."))
    third = (Chunk(3, 180.0, 200.0), analysis())
    assert parts_to_tell([third, (SECOND, analysis(summary=other)), (FIRST, analysis(summary=one))]) == (
        (FIRST, one),
        (SECOND, other),
    )


def test_things_of_one_name_and_kind_are_one() -> None:
    one = analysis(elements=(element("Boulders", (10, 20), confidence=0.5), element("pump", (50, 60))))
    other = analysis(
        elements=(element("boulder", (150, 160), confidence=0.9), element("pump", (100, 110), kind=ElementKind.EQUIPMENT))
    )
    elements = both(one, other).elements
    assert [(found.kind, found.name, [(span.start, span.end) for span in found.spans]) for found in elements] == [
        (ElementKind.EQUIPMENT, "pump", [(100, 110)]),
        (ElementKind.OBJECT, "boulder", [(10, 20), (150, 160)]),
        (ElementKind.OBJECT, "pump", [(50, 60)]),
    ]
    assert elements[1].confidence == 0.9
    assert elements[1].evidence == (*one.elements[0].evidence, *other.elements[0].evidence)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ([(80, 95)], [(92, 120)], [(80, 120)]),
        ([(80, 92)], [(102, 120)], [(80, 120)]),
        ([(80, 91)], [(102, 120)], [(80, 91), (102, 120)]),
        ([(10, 12), (20, 22)], [], [(10, 12), (20, 22)]),
        ([(10, 12), (11, 22)], [(91, 92)], [(10, 22), (91, 92)]),
        ([(80, 99)], [(91, 95)], [(80, 99)]),
        ([(80, 99)], [(80, 99)], [(80, 99)]),
    ],
)
def test_stretches_that_two_parts_saw_near_to_each_other_are_one(
    one: list[tuple[float, float]], other: list[tuple[float, float]], found: list[tuple[float, float]]
) -> None:
    [thing] = both(analysis(elements=(element("pump", *one),)), analysis(elements=(element("pump", *other),))).elements
    assert [(span.start, span.end) for span in thing.spans] == found


def test_parts_that_miss_each_other_join_no_stretches() -> None:
    parts = [
        (FIRST, analysis(elements=(element("pump", (80, 99)),))),
        (Chunk(3, 200.0, 300.0), analysis(elements=(element("pump", (201, 210)),))),
    ]
    assert len(merged(parts, 300.0).elements[0].spans) == 2


def test_answers_about_one_chunk_join_no_stretches() -> None:
    parts = [(FIRST, analysis(elements=(element("pump", span),))) for span in ((10, 12), (80, 99))]
    assert len(merged(parts, 100.0).elements[0].spans) == 2


def test_metadata_are_united() -> None:
    one = SearchMetadata(
        project=Project(customer_name=fact("Smith", 0.4)),
        dates=(day("2024-08", 0.5),),
        keywords=tuple(f"word {number}" for number in range(15)),
        entities=(entity("LED", 0.5),),
    )
    other = SearchMetadata(
        project=Project(customer_name=fact("Smyth", 0.6)),
        dates=(day("2024-08", 0.7), DateFact(kind=DateKind.CAPTURE, value="2024-08", evidence=(seen("exif"),), confidence=0.9)),
        keywords=("Words 14", *(f"other {number}" for number in range(15))),
        entities=(entity("led", 0.8, Source.TRANSCRIPT), entity("pump")),
    )
    found = both(analysis(search_metadata=one), analysis(search_metadata=other)).search_metadata
    assert found.project.customer_name.value == "Smyth"
    assert [(date.kind, date.confidence) for date in found.dates] == [(DateKind.EVENT, 0.7), (DateKind.CAPTURE, 0.9)]
    assert (found.keywords[0], len(found.keywords)) == ("word 14", 20)
    assert [(one.value, one.confidence, one.sources) for one in found.entities] == [
        ("led", 0.8, (Source.VISUAL, Source.TRANSCRIPT)),
        ("pump", 0.8, (Source.VISUAL,)),
    ]
    assert found.entities[0].evidence == (seen("LED"), Evidence(source=Source.TRANSCRIPT, phrase="led"))


def test_notes_stand_once_and_disagreements_beside_them() -> None:
    one = analysis(notes=("It is dark.",), waterfall_classification=classified(dimensions={"family": decision("grotto")}))
    other = analysis(notes=("It is dark.",), waterfall_classification=classified(dimensions={"family": decision("slide", 0.9)}))
    assert both(one, other).notes == ("It is dark.", "The parts of the file disagree about family: slide in 1, grotto in 1.")


def test_of_what_made_a_section_the_first_part_tells() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    one = analysis(made={"chapters": Made(model="a", version="1", at=at)})
    other = analysis(made={"chapters": Made(model="b", version="1"), "summary": Made(model="b", version="1")})
    assert {name: made.model for name, made in both(one, other).made.items()} == {"chapters": "a", "summary": "b"}


def test_a_file_of_unknown_length_ends_where_its_last_part_does() -> None:
    parts = [(FIRST, analysis(chapters=(chapter(0, 100, "Pool"),))), (SECOND, analysis(chapters=(chapter(90, 190, "Pump"),)))]
    assert merged(parts, None).chapters[-1].end == 190.0


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="nothing"):
        merged([], 10.0)


@given(analyses(FIRST))
def test_one_part_is_the_whole_as_it_is(found: Analysis) -> None:
    assert merged([(FIRST, found)], 100.0) == found


@settings(deadline=None)
@given(wholes())
def test_the_whole_is_covered_and_nothing_is_outside(whole: tuple[list[Part], float]) -> None:
    parts, duration = whole
    found = merged(parts, duration)
    assert Analysis.model_validate(found.model_dump()) == found
    if any(analysis.chapters for _, analysis in parts):
        assert (found.chapters[0].start, found.chapters[-1].end) == (0.0, duration)
        assert all(one.end == other.start for one, other in pairwise(found.chapters))
        assert all(one.start < one.end for one in found.chapters)
    else:
        assert not found.chapters
    for thing in found.elements:
        assert all(0 <= span.start <= span.end <= duration for span in thing.spans)
        apart = all(one.end < other.start for one, other in pairwise(thing.spans))
        assert apart or len(parts) == 1


@settings(deadline=None)
@given(wholes(), st.integers())
def test_the_order_of_the_parts_does_not_matter(whole: tuple[list[Part], float], seed: int) -> None:
    parts, duration = whole
    shuffled = list(parts)
    Random(seed).shuffle(shuffled)
    assert merged(shuffled, duration) == merged(parts, duration)
