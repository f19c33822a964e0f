"""What the API answers, for its documentation and its tests; the lists themselves are written by Postgres."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts import Kind, Stage, StageState


class Schema(BaseModel):
    """A JSON object whose fields are all told here."""

    model_config = ConfigDict(extra="forbid")


class Moment(Schema):
    """A stretch of a file, or the whole of it, that answers a query."""

    file_id: UUID
    path: str
    kind: Kind
    start: float | None = Field(description="Seconds; null for the whole file.")
    end: float | None
    field: str = Field(description="Where it was found: transcript, chapter, summary, element, name, path, exif, ...")
    score: float = Field(ge=0, le=1, description="Share of first place in every kind of search; falls from answer to answer.")
    snippet: str = Field(description="HTML: the text around the match, which is in <mark>; all else is escaped.")
    matched: Literal["keyword", "meaning", "both"]
    similarity: float | None = Field(description="Cosine of query and moment, where it was found by meaning.")
    thumbnail: str | None = Field(description="Path of a picture of the file on this gateway.")
    missing: bool = Field(description="Whether the file is not where it was; what was made of it is kept.")


class SearchAnswer(Schema):
    """Moments, the best first."""

    q: str
    took_ms: float
    moments: list[Moment]
    note: str | None = Field(None, description="Why a search by meaning, which was asked for, was none.")


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


class FileDetail(File):
    """Everything about a file."""

    metadata: dict[str, Any]
    renditions: dict[str, Rendition]
    transcript: Transcript | None
    analysis: Analysis | None


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
