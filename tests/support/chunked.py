"""Analyses of chunks, written as tests like to write them."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from services.nova.analyst import (
    Analysis,
    Chapter,
    Classification,
    DateFact,
    DateKind,
    Decision,
    Element,
    ElementKind,
    Entity,
    EntityType,
    Passage,
    Project,
    SearchMetadata,
    Span,
    Summary,
)
from services.nova.chunking.plan import Chunk, planned
from services.nova.provenance import Evidence, Fact, Source

Part = tuple[Chunk, Analysis]


def seen(phrase: str, start: float | None = None, end: float | None = None) -> Evidence:
    return Evidence(source=Source.VISUAL, phrase=phrase, start=start, end=end)


def chapter(start: float, end: float, title: str, confidence: float = 0.8, **fields: Any) -> Chapter:
    fields = {"summary": f"{title} is shown.", "source": Source.VISUAL, "evidence": (seen(title, start, end),)} | fields
    return Chapter(start=start, end=end, title=title, confidence=confidence, **fields)


def element(name: str, *spans: tuple[float, float], kind: ElementKind = ElementKind.OBJECT, confidence: float = 0.8) -> Element:
    stretches = tuple(Span(start=start, end=end) for start, end in spans)
    return Element(kind=kind, name=name, spans=stretches, evidence=(seen(f"{name} {spans}"),), confidence=confidence)


def passage(text: str, confidence: float = 0.8) -> Passage:
    return Passage(text=text, evidence=(seen(text),), confidence=confidence)


def fact(value: str, confidence: float = 0.8, phrase: str = "") -> Fact:
    return Fact(value=value, evidence=(seen(phrase or value),), confidence=confidence)


def decision(value: str, confidence: float = 0.8, phrase: str = "") -> Decision:
    return Decision(value=value, evidence=(seen(phrase or value),), confidence=confidence)


def undecided(reason: str) -> Decision:
    return Decision(value="Unknown", unknown_reason=reason)


def classified(**fields: Any) -> Classification:
    dimensions = fields.pop("dimensions", {})
    return Classification(taxonomy="waterfall", taxonomy_version=1, dimensions=dimensions, confidence=0.5, **fields)


def entity(value: str, confidence: float = 0.8, source: Source = Source.VISUAL) -> Entity:
    pieces = (Evidence(source=source, phrase=value),)
    normalized = value.casefold()
    return Entity(
        type=EntityType.PRODUCT, value=value, normalized=normalized, sources=(source,), evidence=pieces, confidence=confidence
    )


def day(value: str, confidence: float = 0.8) -> DateFact:
    return DateFact(kind=DateKind.EVENT, value=value, evidence=(seen(value),), confidence=confidence)


def analysis(**fields: Any) -> Analysis:
    return Analysis(model="2-lite", version="nova-1", **fields)


WORDS = st.sampled_from(["pump", "Pumps", "rock work", "the grotto", "water test", "Waterfall", "滝", ""])
SHARES = st.floats(0, 1).map(lambda share: round(share, 2))


@st.composite
def analyses(draw: st.DrawFn, chunk: Chunk) -> Analysis:
    """What a model may have found in one chunk: chapters that cover it, or none, and things within it."""
    within = st.floats(chunk.start, chunk.end)
    edges = sorted({chunk.start, chunk.end, *draw(st.lists(within, max_size=4))}) if draw(st.booleans()) else []
    stretch = st.tuples(within, within).map(lambda pair: (min(pair), max(pair)))
    things = st.builds(
        lambda name, spans, share: element(name, *spans, confidence=share), WORDS, st.lists(stretch, max_size=3), SHARES
    )
    values = st.builds(decision, st.sampled_from(["grotto", "slide"]), SHARES) | st.builds(undecided, WORDS)
    dimensions = st.dictionaries(st.sampled_from(["family", "tier_level"]), values)
    facts = st.builds(fact, WORDS.filter(bool), SHARES) | st.just(Fact())
    lengths = st.dictionaries(st.sampled_from(["brief", "standard", "detailed"]), st.builds(passage, WORDS, SHARES), min_size=1)
    return analysis(
        summary=draw(st.none() | lengths.map(lambda told: Summary(**told))),
        chapters=tuple(chapter(start, end, draw(WORDS), draw(SHARES)) for start, end in pairwise(edges)),
        elements=tuple(draw(st.lists(things, max_size=3))),
        waterfall_classification=draw(
            st.none()
            | st.builds(
                lambda found, tags: classified(dimensions=found, search_tags=tuple(tags)),
                dimensions,
                st.lists(WORDS, max_size=10),
            )
        ),
        search_metadata=SearchMetadata(
            project=Project(project_name=draw(facts)),
            keywords=tuple(draw(st.lists(WORDS, max_size=20))),
            entities=tuple(draw(st.lists(st.builds(entity, WORDS, SHARES), max_size=2))),
            dates=tuple(draw(st.lists(st.builds(day, st.sampled_from(["2024", "2024-08"]), SHARES), max_size=2))),
        ),
        notes=tuple(draw(st.lists(WORDS, max_size=2))),
    )


@st.composite
def wholes(draw: st.DrawFn) -> tuple[list[Part], float]:
    """The analyses of all chunks of a file, and its length."""
    duration = draw(st.floats(0.01, 400))
    shots = draw(st.lists(st.floats(0, 400), max_size=20))
    chunks = planned(duration, shots, (), window=60.0, overlap=draw(st.sampled_from([0.0, 1.0, 10.0])))
    return [(chunk, draw(analyses(chunk))) for chunk in chunks], duration
