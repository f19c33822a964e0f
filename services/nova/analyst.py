"""The port to whatever analyses a file, with the question it is asked and the answer it gives."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self
from uuid import UUID

from pydantic import Field, JsonValue, model_validator

from services.nova.provenance import Confidence, Evidence, Fact, Frozen, Seconds, Source
from shared.analyses import LOCAL, NOBODY, AnalysisType, Depth
from shared.contracts import Kind


class Segment(Frozen):
    """One stretch of speech, times in seconds of the source's clock."""

    start: Seconds
    end: Seconds
    text: str


class Rendition(Frozen):
    """A light copy of the file in the object store."""

    key: str
    width: int | None = None
    height: int | None = None
    duration: Seconds | None = None


class Material(Frozen):
    """What is known of one file before it is analysed."""

    file_id: UUID
    kind: Kind
    path: str
    fingerprint: str = ""
    """BLAKE3 of the content, hexadecimal."""
    duration: Seconds | None = None
    renditions: Mapping[str, Rendition] = Field(default_factory=dict)
    """By name: proxy, image."""
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
    """The same file told at up to three lengths, of which at least one is there."""

    brief: Passage | None = None
    standard: Passage | None = None
    detailed: Passage | None = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if not (self.brief or self.standard or self.detailed):
            raise ValueError("a summary needs one length at least")
        return self

    @property
    def usual(self) -> Passage:
        """The standard one, or what comes nearest."""
        told = self.standard or self.brief or self.detailed
        assert told is not None
        return told


class Chapter(Frozen):
    """One stretch of the file; chapters are in order and together cover it without gap or overlap."""

    start: Seconds
    end: Seconds
    title: str
    summary: str
    source: Source
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    raw_start: Seconds | None = None
    """As a model said it, where the edge was moved to a cut or a pause."""
    raw_end: Seconds | None = None


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


class Made(Frozen):
    """Who found something out: a model with the version of its prompt, or the local analyst with that of its rules."""

    model: str
    version: str
    model_id: str | None = None
    """As the provider knows it."""
    run_id: UUID | None = None
    """The row of `analysis_runs`."""
    at: datetime | None = None


class Analysis(Frozen):
    """The answer for one file. What was not asked, or does not apply to its kind, is null or empty."""

    model: str
    version: str
    """Of the prompt, or of the local analyst's rules."""
    made: Mapping[str, Made] = Field(default_factory=dict)
    """By section, by its name: each value in it was found by these."""
    summary: Summary | None = None
    transcript_summary: Passage | None = None
    description: Passage | None = None
    chapters: tuple[Chapter, ...] = ()
    elements: tuple[Element, ...] = ()
    waterfall_classification: Classification | None = None
    search_metadata: SearchMetadata = SearchMetadata()
    notes: tuple[str, ...] = ()


class Errand(Frozen):
    """What is to be found out about a file, and on whose behalf."""

    run_id: UUID
    """The row of `analysis_runs`; the same when a killed worker's errand is taken up again."""
    types: tuple[AnalysisType, ...]
    model: str = LOCAL
    """Key of the catalogue, or `local`."""
    depth: Depth | None = None
    language: str | None = None
    combined: bool = True
    fresh: bool = False
    requested_by: str = NOBODY
    asked: Mapping[str, JsonValue] = Field(default_factory=dict)
    """The options as they were given."""


class Course(Protocol):
    """Is told how far an errand is."""

    def report(self, done: float, total: float | None) -> None:
        """So many seconds of media are done, of so many."""

    async def chunks(self, done: int, total: int) -> None:
        """So many chunks of a long file are done, of so many."""
        ...


class Analyst(Protocol):
    """Analyses one file. Raises what `shared.errors` calls permanent or transient."""

    async def analyse(self, material: Material, errand: Errand, course: Course) -> Analysis:
        """The sections that the errand asks for, every value with its evidence."""
        ...
