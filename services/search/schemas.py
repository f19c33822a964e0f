"""What the API answers, for its documentation and its tests; the lists themselves are written by Postgres."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts import Kind, Stage, StageState


class Schema(BaseModel):
    """A JSON object whose fields are all told here."""

    model_config = ConfigDict(extra="forbid")


class Part(Schema):
    """What one kind of search says of a moment."""

    rank: int = Field(ge=1, description="The moment's place in it, from 1.")
    share: float = Field(ge=0, le=1, description="What that adds to the score.")


Search = Literal["words", "some_words", "names", "meaning", "file"]
"""All words, some of them, names that look alike, what it means; `file` where nothing was looked for in the files."""


class FileMoment(Schema):
    """A stretch of a file, or the whole of it, that answers a query."""

    id: int = Field(description="Give it to GET /api/search/like to find what resembles it.")
    start: float | None = Field(description="Seconds; null for the whole file.")
    end: float | None
    field: str = Field(description="Where it was found: transcript, chapter, summary, element, name, path, exif, ...")
    score: float = Field(ge=0, le=1, description="Share of first place in every kind of search; falls from answer to answer.")
    parts: dict[Search, Part] = Field(description="What the score is made of.")
    snippet: str = Field(description="HTML: the text around the match, which is in <mark>; all else is escaped.")
    matched: Literal["keyword", "meaning", "both"]
    similarity: float | None = Field(description="Cosine of query and moment, where it was found by meaning.")
    link: str = Field(description="Path of the file's page on this gateway, at the moment.")
    frame: str | None = Field(description="Path of a picture of the moment on this gateway; null for what has none, as sound.")


class Moment(FileMoment):
    """The same with its file."""

    file_id: UUID
    path: str
    kind: Kind
    thumbnail: str | None = Field(description="Path of a picture of the file on this gateway.")
    missing: bool = Field(description="Whether the file is not where it was; what was made of it is kept.")


class Frame(Schema):
    """A tile of a sprite, which shows a stretch of a video."""

    image: str = Field(description="Path of the sprite on this gateway.")
    x: int = Field(description="Pixels from the left.")
    y: int
    width: int
    height: int
    start: float = Field(description="Seconds.")
    end: float


class FoundFile(Schema):
    """A file that answers a query, with its best moments."""

    id: UUID
    path: str
    kind: Kind
    captured_at: datetime | None
    duration: float | None = Field(description="Seconds.")
    score: float = Field(ge=0, le=1, description="That of its best moment.")
    thumbnail: str | None
    link: str
    missing: bool
    moments: list[FileMoment] = Field(description="At most three, the best first.")


class FacetValue(Schema):
    """A value, and how many of the files have it."""

    value: str
    files: int


class Facets(Schema):
    """What there is among everything that a search matches."""

    files: int = Field(description="Files that fit the filter and have the words, or are among the best by meaning.")
    values: dict[str, list[FacetValue]] = Field(
        description="Of kind, camera, language, year, family, tier, type, subtype, customer, project, tag; the most frequent."
    )


class SearchAnswer(Schema):
    """Moments, the best first; and the files that they are in."""

    q: str
    took_ms: float
    moments: list[Moment]
    files: list[FoundFile]
    next_cursor: str | None = Field(None, description="Give it as `cursor` to get the next page of files; null on the last.")
    facets: Facets | None = Field(None, description="If asked for.")
    note: str | None = Field(None, description="What was not understood, or why a search by meaning was none.")


class LikeAnswer(Schema):
    """Moments of other files that resemble one, the most similar first; and the files that they are in."""

    file_id: UUID = Field(description="The file that they are compared with.")
    moment_id: int | None = Field(description="The moment that they are compared with; null for the whole file.")
    took_ms: float
    moments: list[Moment]
    files: list[FoundFile]


class File(Schema):
    """A file of the library."""

    id: UUID
    path: str
    kind: Kind
    revision: int
    size: int = Field(description="Bytes.")
    duration: float | None = Field(description="Seconds.")
    width: int | None
    height: int | None
    captured_at: datetime | None
    camera: str | None
    latitude: float | None
    longitude: float | None
    created_at: datetime
    updated_at: datetime
    missing_since: datetime | None = Field(description="When the file was found to be gone; what was made of it is kept.")
    status: Literal["pending", "done", "failed"]
    stages: dict[Stage, StageState]
    reasons: dict[Stage, str] = Field(description="Why a stage failed or was skipped.")
    error: str | None = Field(description="Why the first stage that failed did so.")
    thumbnail: str | None


class FilePage(Schema):
    """Files, the latest first."""

    files: list[File]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")
    total: int = Field(description="Files that fit the filter when the first page was asked for.")


class Rendition(Schema):
    """A light version of a file."""

    url: str = Field(description="Works for an hour, without signing in.")
    content_type: str
    bytes: int
    width: int | None
    height: int | None
    duration: float | None


class Segment(Schema):
    """A stretch of speech, in seconds."""

    id: UUID
    start: float
    end: float
    text: str
    speaker: str | None


class Transcript(Schema):
    """What is said in a file, by its best transcript."""

    id: UUID
    model: str = Field(description="`import` for one that was handed in.")
    source: Literal["speech", "import"]
    language: str
    duration: float
    segments: list[Segment]


class Analysis(Schema):
    """What a model found in a file; `result` is in the analyst's own shape."""

    id: UUID
    model: str
    version: str
    created_at: datetime
    result: dict[str, Any]


class Named(Schema):
    """A tag or collection."""

    id: UUID
    name: str


class FileDetail(File):
    """Everything about a file."""

    metadata: dict[str, Any]
    renditions: dict[str, Rendition]
    transcript: Transcript | None
    analysis: Analysis | None
    tags: list[Named] = Field(description="By name, as the collections.")
    collections: list[Named]


class JobAccepted(Schema):
    """A job that was begun."""

    job_id: UUID


class StageProgress(Schema):
    """Files of a job in one stage."""

    pending: int
    done: int
    skipped: int
    failed: int
    rate: float = Field(description="Files a second, lately.")
    eta_seconds: float | None = Field(description="Seconds left at that rate; null while nothing moves.")


class JobProgress(Schema):
    """How far a job is."""

    job_id: UUID
    kind: str
    asked_by: str | None = Field(description="Who asked for it, by name; null for what is older than names.")
    state: Literal["pending", "running", "reported", "done", "failed", "cancelled"]
    path: str | None
    items: dict[StageState, int]
    stages: dict[Stage, StageProgress]
    finished: bool = Field(description="Whether nothing of the job is still to come.")
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobFile(Schema):
    """What became of one path of an import."""

    path: str
    kind: Kind | None
    file_id: UUID | None = Field(description="Null for what could not be taken into the library.")
    stages: dict[Stage, StageState]
    error: str | None
    reasons: dict[Stage, str]


class JobFiles(Schema):
    """Every path of an import."""

    files: list[JobFile]
