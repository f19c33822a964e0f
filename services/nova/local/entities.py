"""The named things of a file, each with the sources it comes from."""

from collections.abc import Iterable, Iterator

from services.nova.analyst import Classification, Element, ElementKind, Entity, EntityType, Location, Project
from services.nova.provenance import Fact
from services.nova.words import WORD

MOST = 60


def entities(project: Project, location: Location, trade: Classification, elements: Iterable[Element]) -> tuple[Entity, ...]:
    """One entity for each known value that names something; what is unknown has none."""
    typed = (*_named(project, location), *_of_trade(trade), *_of_elements(elements))
    found: dict[tuple[EntityType, str], Entity] = {}
    for kind, fact in typed:
        if fact.known:
            entity = _entity(kind, fact)
            found.setdefault((kind, entity.normalized), entity)
    return tuple(found.values())[:MOST]


def _named(project: Project, location: Location) -> Iterator[tuple[EntityType, Fact]]:
    yield EntityType.CUSTOMER, project.customer_name
    yield from ((EntityType.PROJECT, fact) for fact in (project.project_name, project.project_code, project.job_number))
    places = (location.site_name, location.city, location.state_region, location.country, location.address_fragment)
    yield from ((EntityType.LOCATION, fact) for fact in places)


def _of_trade(trade: Classification) -> Iterator[tuple[EntityType, Fact]]:
    for fact in trade.product_keywords:
        numbered = any(character.isdigit() for character in fact.value)
        yield EntityType.MODEL if numbered else EntityType.PRODUCT, fact
    yield from ((EntityType.TECHNIQUE, fact) for fact in trade.building_techniques)


def _of_elements(elements: Iterable[Element]) -> Iterator[tuple[EntityType, Fact]]:
    types = {ElementKind.EQUIPMENT: EntityType.EQUIPMENT, ElementKind.PERSON: EntityType.PERSON}
    for element in elements:
        if element.kind in types:
            yield types[element.kind], Fact(value=element.name, evidence=element.evidence, confidence=element.confidence)


def _entity(kind: EntityType, fact: Fact) -> Entity:
    return Entity(
        type=kind,
        value=fact.value,
        normalized=normalized(fact.value),
        sources=fact.sources,
        evidence=fact.evidence,
        confidence=fact.confidence,
    )


def normalized(value: str) -> str:
    """`Smith_Residence` and `smith residence` are the same thing."""
    return " ".join(WORD.findall(value)).casefold()
