"""Search metadata as a model tells it, joined with what is recorded with the file."""

from collections.abc import Iterable
from typing import NamedTuple

from services.nova.analyst import Classification, Content, Element, Location, Project, SearchMetadata, WaterFeature
from services.nova.answering.answer import Findable
from services.nova.answering.classification import tags
from services.nova.answering.days import days
from services.nova.answering.facts import distinct, fact, one_of, says_place
from services.nova.answering.grounding import QUOTES, Ground
from services.nova.answering.haystack import says
from services.nova.answering.named import named
from services.nova.answering.schema import PROJECT_TYPES
from services.nova.answering.told import Values
from services.nova.local.entities import entities, normalized
from services.nova.local.keywords import MOST
from services.nova.local.places import location
from services.nova.provenance import Fact
from services.nova.reading import Reading, read
from services.nova.taxonomy import UNKNOWN, Taxonomy

FAMILY = "family"
LEAST_KEYWORDS = 8


class Whereabouts(NamedTuple):
    """For whom and where a file was made."""

    project: Project
    location: Location


def whereabouts(told: Findable, ground: Ground) -> Whereabouts:
    """Names that something says; what was recorded of the place stands before what the model tells of it."""
    job, place = told.project, told.location
    project = Project(
        customer_name=fact(job.customer_name, ground, says),
        project_name=fact(job.project_name, ground, says),
        project_code=fact(job.project_code, ground, says),
        job_number=fact(job.job_number, ground, says),
        project_type=one_of(job.project_type, PROJECT_TYPES, ground),
    )
    kept = Location(
        site_name=fact(place.site_name, ground, says),
        city=fact(place.city, ground, says_place),
        state_region=fact(place.state_region, ground, says_place),
        country=fact(place.country, ground, says_place),
        address_fragment=fact(place.address_fragment, ground, says),
    )
    return Whereabouts(project, _with_recorded(kept, ground))


def search_metadata(
    told: Findable,
    where: Whereabouts,
    trade: Classification | None,
    found: Iterable[Element],
    *,
    ground: Ground,
    reading: Reading,
    taxonomy: Taxonomy,
    names: frozenset[str],
) -> SearchMetadata:
    """What finds the file; family and content are those of its classification, if there is one."""
    elements = tuple(found)
    known = entities(where.project, where.location, trade or _unclassified(taxonomy), elements)
    things = named(told.entities, known, ground, names)
    more = [*(trade.search_tags if trade else ()), *(one.name for one in elements), *(thing.value for thing in things)]
    return SearchMetadata(
        project=where.project,
        location=where.location,
        water_feature=WaterFeature(
            family=_family(trade) if trade else _family_told(told, ground, taxonomy),
            type_keywords=_words(told.water_feature.type_keywords, ground),
            style_keywords=_words(told.water_feature.style_keywords, ground),
        ),
        content=_content(told, trade, ground, taxonomy),
        dates=days(told.dates, ground, reading),
        keywords=tags(told.keywords, more, ground, LEAST_KEYWORDS, MOST),
        entities=things,
    )


def _with_recorded(told: Location, ground: Ground) -> Location:
    alone = ground.material.model_copy(update={"segments": (), "path": ""})
    recorded = location(read(alone))
    return Location(**{name: _better(getattr(recorded, name), getattr(told, name)) for name in Location.model_fields})


def _better(recorded: Fact, told: Fact) -> Fact:
    """What was recorded, and with it the model's evidence if both say the same."""
    if not recorded.known or not told.known:
        return recorded if recorded.known else told
    if normalized(recorded.value) != normalized(told.value):
        return recorded
    evidence = tuple(dict.fromkeys((*recorded.evidence, *told.evidence)))[:QUOTES]
    return Fact(value=recorded.value, evidence=evidence, confidence=max(recorded.confidence, told.confidence))


def _family(trade: Classification) -> Fact:
    decision = trade.dimensions.get(FAMILY)
    if decision is None or decision.value == UNKNOWN:
        return Fact()
    return Fact(value=decision.value, evidence=decision.evidence, confidence=decision.confidence)


def _family_told(told: Findable, ground: Ground, taxonomy: Taxonomy) -> Fact:
    dimension = taxonomy.dimensions.get(FAMILY)
    return one_of(told.water_feature.family, dimension.values, ground) if dimension else Fact()


def _content(told: Findable, trade: Classification | None, ground: Ground, taxonomy: Taxonomy) -> Content:
    if trade is not None:
        return Content(content_type=trade.content_type, skill_level=trade.skill_level)
    return Content(
        content_type=one_of(told.content.content_type, taxonomy.content_types, ground),
        skill_level=one_of(told.content.skill_level, taxonomy.skill_levels, ground),
    )


def _words(told: Values, ground: Ground) -> tuple[Fact, ...]:
    return distinct(fact(value.model_copy(update={"value": value.value.lower()}), ground) for value in told)


def _unclassified(taxonomy: Taxonomy) -> Classification:
    return Classification(taxonomy=taxonomy.name, taxonomy_version=taxonomy.version, dimensions={}, confidence=0)
