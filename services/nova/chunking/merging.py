"""One analysis of a file from those of its chunks."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from services.nova.analyst import Analysis, DateFact, Element, ElementKind, Entity, Passage, SearchMetadata, Span, Summary
from services.nova.chunking.placing import disagreements, placed
from services.nova.chunking.plan import Chunk
from services.nova.chunking.seams import joined
from services.nova.chunking.uniting import blended, evidence, grouped, same, strongest, words

KEYWORDS = 20
"""The most that search metadata have."""

Part = tuple[Chunk, Analysis]


def merged(parts: Sequence[Part], duration: float | None) -> Analysis:
    """The file's analysis, from those of its chunks in any order, each in the source's clock.

    Its summary is what the parts' say, one after another, until somebody has told them as one.
    """
    ordered = _ordered(parts)
    analyses = [analysis for _, analysis in ordered]
    if len(analyses) == 1:
        return analyses[0]
    classified = [one.waterfall_classification for one in analyses if one.waterfall_classification]
    return Analysis(
        model=analyses[0].model,
        version=analyses[0].version,
        made={name: made for one in reversed(analyses) for name, made in one.made.items()},
        summary=_summary([one.summary for one in analyses if one.summary]),
        transcript_summary=_passage([one.transcript_summary for one in analyses if one.transcript_summary]),
        description=_passage([one.description for one in analyses if one.description]),
        chapters=joined([(chunk, one.chapters) for chunk, one in ordered], duration or max(chunk.end for chunk, _ in ordered)),
        elements=_elements(ordered),
        waterfall_classification=placed(classified),
        search_metadata=_metadata([one.search_metadata for one in analyses]),
        notes=tuple(dict.fromkeys((*(note for one in analyses for note in one.notes), *disagreements(classified)))),
    )


def parts_to_tell(parts: Sequence[Part]) -> tuple[tuple[Chunk, Summary], ...]:
    """What each chunk's summary says, in order, for whoever tells the whole."""
    return tuple((chunk, analysis.summary) for chunk, analysis in _ordered(parts) if analysis.summary)


def _ordered(parts: Sequence[Part]) -> list[Part]:
    if not parts:
        raise ValueError("there is nothing to merge")
    return sorted(parts, key=lambda part: (part[0].start, part[0].end, part[0].number))


def _summary(told: Sequence[Summary]) -> Summary | None:
    """At each length that any part has, all parts; one without that length at the one nearest to it."""
    if not told:
        return None
    lengths: dict[str, Callable[[Summary], Passage | None]] = {
        "brief": lambda summary: summary.brief,
        "standard": lambda summary: summary.standard,
        "detailed": lambda summary: summary.detailed,
    }
    return Summary(
        **{name: _passage([of(one) or one.usual for one in told]) for name, of in lengths.items() if any(map(of, told))}
    )


def _passage(told: Sequence[Passage]) -> Passage | None:
    """One text after another, as doubtful as the most doubtful."""
    if not told:
        return None
    text = "\n\n".join(dict.fromkeys(one.text for one in told))
    return Passage(text=text, evidence=evidence(told), confidence=min(one.confidence for one in told))


def _elements(parts: Sequence[Part]) -> tuple[Element, ...]:
    """Things of one kind and name as one, by kind and then in the order in which they come up."""
    chunks = sorted({(chunk.start, chunk.end) for chunk, _ in parts})
    near = max([0.0, *(one[1] - other[0] for one, other in pairwise(chunks))])
    placed = [(place, element) for place, (_, analysis) in enumerate(parts) for element in analysis.elements]
    groups = grouped(placed, lambda pair: (pair[1].kind, same(pair[1].name)))
    kinds, never = list(ElementKind), float("inf")
    united = (_element(group, near) for group in groups)
    return tuple(sorted(united, key=lambda one: (kinds.index(one.kind), one.spans[0].start if one.spans else never)))


def _element(group: Sequence[tuple[int, Element]], near: float) -> Element:
    elements = [element for _, element in group]
    spans = sorted((span.start, span.end, place) for place, element in group for span in element.spans)
    return strongest(elements).model_copy(update={"evidence": evidence(elements), "spans": _spans(spans, near)})


def _spans(spans: Sequence[tuple[float, float, int]], near: float) -> tuple[Span, ...]:
    """Stretches in order, as one where they overlap, or where two parts saw them nearer to each other than a seam is wide."""
    found: list[tuple[float, float, int]] = []
    for start, end, place in spans:
        if found and start - found[-1][1] <= (near if place != found[-1][2] else 0.0):
            first, last, _ = found.pop()
            found.append((first, max(last, end), place))
        else:
            found.append((start, end, place))
    return tuple(Span(start=start, end=end) for start, end, _ in found)


def _metadata(parts: Sequence[SearchMetadata]) -> SearchMetadata:
    return SearchMetadata(
        project=blended([part.project for part in parts]),
        location=blended([part.location for part in parts]),
        water_feature=blended([part.water_feature for part in parts]),
        content=blended([part.content for part in parts]),
        dates=_dates([date for part in parts for date in part.dates]),
        keywords=words((part.keywords for part in parts), KEYWORDS),
        entities=_entities([entity for part in parts for entity in part.entities]),
    )


def _dates(dates: Sequence[DateFact]) -> tuple[DateFact, ...]:
    groups = grouped(dates, lambda date: (date.kind, date.value))
    return tuple(strongest(group).model_copy(update={"evidence": evidence(group)}) for group in groups)


def _entities(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    return tuple(_entity(group) for group in grouped(entities, lambda entity: (entity.type, entity.normalized)))


def _entity(group: Sequence[Entity]) -> Entity:
    sources = tuple(dict.fromkeys(source for entity in group for source in entity.sources))
    return strongest(group).model_copy(update={"sources": sources, "evidence": evidence(group)})
