"""The port to whatever analyses a file, with the question it is asked and the answer it gives."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import Field, JsonValue

from services.nova.provenance import Confidence, Evidence, Fact, Frozen, Seconds, Source
from shared.contracts import Kind


class Segment(Frozen):
    """One stretch of speech, times in seconds of the source's clock."""

    start: Seconds
    end: Seconds
    text: str


class Material(Frozen):
    """What is known of one file before it is analysed."""

    file_id: UUID
    kind: Kind
    path: str
    duration: Seconds | None = None
    segments: tuple[Segment, ...] = ()
    shots: tuple[Seconds, ...] = ()
    """Times of the cuts between shots."""
    exif: Mapping[str, JsonValue] = Field(default_factory=dict)
    captured_at: datetime | None = None
    gps: tuple[float, float] | None = None
    """Latitude and longitude in degrees."""
    camera: str | None = None


class Passage(Frozen):
    """Prose with what it rests on."""

    text: str
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class Summary(Frozen):
    """The same file told at three lengths."""

    brief: Passage
    standard: Passage
    detailed: Passage


class Chapter(Frozen):
    """One stretch of the file; chapters are in order and together cover it without gap or overlap."""

    start: Seconds
    end: Seconds
    title: str
    summary: str
    source: Source
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class Span(Frozen):
    """A stretch of time in seconds."""

    start: Seconds
    end: Seconds


class ElementKind(StrEnum):
    """What sort of thing an element is; people appear by their role, never by name."""

    EQUIPMENT = "equipment"
    OBJECT = "object"
    TOPIC = "topic"
    PERSON = "person"


class Element(Frozen):
    """A thing, topic or role that the file is about, with the stretches in which it comes up."""

    kind: ElementKind
    name: str
    spans: tuple[Span, ...]
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class Decision(Frozen):
    """One dimension of a classification; `Unknown` always has a reason."""

    value: str
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = 0.0
    unknown_reason: str | None = None


class Classification(Frozen):
    """A file's place in a taxonomy, with what makes it findable in that trade."""

    taxonomy: str
    taxonomy_version: int
    dimensions: Mapping[str, Decision]
    confidence: Confidence
    search_tags: tuple[str, ...] = Field(default=(), max_length=10)
    product_keywords: tuple[Fact, ...] = ()
    content_type: Fact = Fact()
    skill_level: Fact = Fact()
    building_techniques: tuple[Fact, ...] = ()


class Project(Frozen):
    """For whom and as which job it was made."""

    customer_name: Fact = Fact()
    project_name: Fact = Fact()
    project_code: Fact = Fact()
    job_number: Fact = Fact()
    project_type: Fact = Fact()


class Location(Frozen):
    """Where it was made. Coordinates are as recorded; no place is derived from them."""

    site_name: Fact = Fact()
    city: Fact = Fact()
    state_region: Fact = Fact()
    country: Fact = Fact()
    address_fragment: Fact = Fact()
    coordinates: Fact = Fact()


class WaterFeature(Frozen):
    """What was built, in the words people search by."""

    family: Fact = Fact()
    type_keywords: tuple[Fact, ...] = ()
    style_keywords: tuple[Fact, ...] = ()


class Content(Frozen):
    """What the file is good for."""

    content_type: Fact = Fact()
    skill_level: Fact = Fact()


class DateKind(StrEnum):
    """What a date is the date of."""

    CAPTURE = "capture"
    EVENT = "event"


class DateFact(Frozen):
    """A date, as exact as its evidence: `2024`, `2024-08` or `2024-08-12`."""

    kind: DateKind
    value: str
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class EntityType(StrEnum):
    """The sorts of named things that files are searched by."""

    PROJECT = "project"
    CUSTOMER = "customer"
    LOCATION = "location"
    PRODUCT = "product"
    MODEL = "model"
    TECHNIQUE = "technique"
    PERSON = "person"
    EQUIPMENT = "equipment"


class Entity(Frozen):
    """A named thing, with `normalized` for grouping what is written in different ways."""

    type: EntityType
    value: str
    normalized: str
    sources: tuple[Source, ...]
    evidence: tuple[Evidence, ...]
    confidence: Confidence


class SearchMetadata(Frozen):
    """What finds a file by customer, project, place, thing and date."""

    project: Project = Project()
    location: Location = Location()
    water_feature: WaterFeature = WaterFeature()
    content: Content = Content()
    dates: tuple[DateFact, ...] = ()
    keywords: tuple[str, ...] = Field(default=(), max_length=20)
    entities: tuple[Entity, ...] = ()


class Analysis(Frozen):
    """The answer for one file. What was not asked, or does not apply to its kind, is null or empty."""

    model: str
    version: str
    """Of the prompt, or of the local analyst's rules."""
    summary: Summary | None = None
    description: Passage | None = None
    chapters: tuple[Chapter, ...] = ()
    elements: tuple[Element, ...] = ()
    waterfall_classification: Classification | None = None
    search_metadata: SearchMetadata = SearchMetadata()
    notes: tuple[str, ...] = ()


class Analyst(Protocol):
    """Analyses one file. Raises what `shared.errors` calls permanent or transient."""

    async def analyse(self, material: Material) -> Analysis:
        """The answer for one file, every value with its evidence."""
        ...
