"""Search metadata: what finds a file by customer, project, place, thing and date."""

from collections.abc import Sequence

from services.nova.analyst import Classification, Content, Element, SearchMetadata, WaterFeature
from services.nova.local.dates import dates
from services.nova.local.entities import entities
from services.nova.local.keywords import keywords
from services.nova.local.places import location
from services.nova.local.projects import project
from services.nova.local.waterfall import Trade
from services.nova.provenance import Fact
from services.nova.reading import Reading
from services.nova.taxonomy import UNKNOWN


def search_metadata(reading: Reading, trade: Trade, elements: Sequence[Element]) -> SearchMetadata:
    """All that names, speech and EXIF say; what they do not say is unknown."""
    classified = trade.classification
    job, place = project(reading), location(reading)
    return SearchMetadata(
        project=job,
        location=place,
        water_feature=WaterFeature(
            family=_family(classified),
            type_keywords=trade.types,
            style_keywords=trade.styles,
        ),
        content=Content(content_type=classified.content_type, skill_level=classified.skill_level),
        dates=dates(reading),
        keywords=keywords(reading, classified.search_tags),
        entities=entities(job, place, classified, elements),
    )


def _family(classified: Classification) -> Fact:
    decision = classified.dimensions.get("family")
    if decision is None or decision.value == UNKNOWN:
        return Fact()
    return Fact(value=decision.value, evidence=decision.evidence, confidence=decision.confidence)
