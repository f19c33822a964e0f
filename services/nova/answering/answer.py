"""What a model is asked to return, section by section, in the clock of the clip that it was shown."""

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from services.nova.analyst import DateKind, ElementKind, EntityType
from services.nova.answering.lenient import Listed, Text, Time, absent, folded, stretch, under
from services.nova.answering.told import DUE, Confidence, Maybe, Prosaic, Prose, Quotes, Told, Value, Values, Words
from shared.analyses import SEARCH_METADATA, SECTIONS, AnalysisType


class Lengths(Told):
    """A summary at the lengths that were asked for."""

    brief: Annotated[Prose | None, Prosaic] = None
    standard: Annotated[Prose | None, Prosaic] = None
    detailed: Annotated[Prose | None, Prosaic] = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if not (self.brief or self.standard or self.detailed):
            raise ValueError("has to have at least one of brief, standard and detailed")
        return self


class Stretch(Told):
    """A stretch of time."""

    start: Time
    end: Time


class Part(Told):
    """A chapter."""

    start: Time
    end: Time
    title: Annotated[str, Field(min_length=1)]
    summary: Annotated[str, Field(json_schema_extra=DUE)] = ""
    evidence: Quotes = ()
    confidence: Confidence = None


class Thing(Told):
    """An element."""

    kind: Annotated[ElementKind, BeforeValidator(folded)]
    name: Annotated[Text, Field(min_length=1)]
    spans: Annotated[tuple[Annotated[Stretch, BeforeValidator(stretch)], ...], Listed, Field(json_schema_extra=DUE)] = ()
    evidence: Quotes = ()
    confidence: Confidence = None


class Choice(Value):
    """One dimension of a classification."""

    unknown_reason: str | None = None


class Trade(Told):
    """The place of the file in a taxonomy; the names and values of its dimensions are the taxonomy's."""

    dimensions: dict[str, Annotated[Choice, BeforeValidator(under("value"))]]
    search_tags: Words = ()
    product_keywords: Values = ()
    content_type: Maybe = Value()
    skill_level: Maybe = Value()
    building_techniques: Values = ()


class Job(Told):
    """For whom it was made, and as which job."""

    customer_name: Maybe = Value()
    project_name: Maybe = Value()
    project_code: Maybe = Value()
    job_number: Maybe = Value()
    project_type: Maybe = Value()


class Place(Told):
    """Where it was made."""

    site_name: Maybe = Value()
    city: Maybe = Value()
    state_region: Maybe = Value()
    country: Maybe = Value()
    address_fragment: Maybe = Value()


class Feature(Told):
    """What was built."""

    family: Maybe = Value()
    type_keywords: Values = ()
    style_keywords: Values = ()


class Use(Told):
    """What the file is good for."""

    content_type: Maybe = Value()
    skill_level: Maybe = Value()


class Day(Told):
    """A date as exact as its evidence: 2024, 2024-08 or 2024-08-12."""

    kind: Annotated[DateKind, BeforeValidator(folded)]
    value: Text
    evidence: Quotes = ()
    confidence: Confidence = None


class Named(Told):
    """A named thing that files are searched by."""

    type: Annotated[EntityType, BeforeValidator(folded)]
    value: Text
    evidence: Quotes = ()
    confidence: Confidence = None


class Findable(Told):
    """What finds the file by customer, project, place, thing and date."""

    project: Annotated[Job, BeforeValidator(absent)] = Job()
    location: Annotated[Place, BeforeValidator(absent)] = Place()
    water_feature: Annotated[Feature, BeforeValidator(absent)] = Feature()
    content: Annotated[Use, BeforeValidator(absent)] = Use()
    dates: Annotated[tuple[Day, ...], Listed] = ()
    keywords: Words = ()
    entities: Annotated[tuple[Named, ...], Listed] = ()


class Answer(Told):
    """Everything that can be asked for; what was not asked is null."""

    summary: Lengths | None = None
    description: Annotated[Prose | None, Prosaic] = None
    transcript_summary: Annotated[Prose | None, Prosaic] = None
    chapters: tuple[Part, ...] | None = None
    elements: tuple[Thing, ...] | None = None
    waterfall_classification: Trade | None = None
    search_metadata: Findable | None = None


def sections(types: Collection[AnalysisType]) -> tuple[str, ...]:
    """The sections in which the answer to these analyses stands, in their order; most bring `search_metadata` with them."""
    asked = {SECTIONS[one] for one in types}
    if any(one is not AnalysisType.TRANSCRIPT_SUMMARY for one in types):
        asked.add(SEARCH_METADATA)
    return tuple(name for name in Answer.model_fields if name in asked)
