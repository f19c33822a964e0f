"""What the API takes and answers about actions on many files."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from services.search.nova.schemas import CostEstimate
from services.search.schemas import Schema
from shared.batch_requests import MOST_FILES, SOMEBODY_WAITS
from shared.contracts import Kind, Priority, StageState
from shared.selection import Filter

Action = Literal["proxy", "transcribe", "nova", "transcript-summary", "embeddings"]


class BatchAsk(Schema):
    """Which files, and what is to be done with them."""

    file_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_FILES)] | None = Field(
        None, description="Files, one by one."
    )
    filter: Filter | None = Field(None, description="Every file that matches, as in GET /api/files; {} means all.")
    options: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="In place of the service's settings: for `transcribe`, what TranscriptionOptions has; for `nova` and "
        "`transcript-summary`, what AnalysisOptions has.",
    )
    force: bool = Field(False, description="Whether files that have a result already are done again.")
    priority: Priority | None = Field(
        None,
        description=f"`interactive` overtakes every bulk job. Unless it is said, up to {SOMEBODY_WAITS} file_ids are "
        "interactive, and all else is bulk.",
    )


class Excluded(Schema):
    """Files that were meant and are no part of the job."""

    processed: int = Field(description="They have a result already; `force` does them again.")
    unknown: int = Field(description="No file has this id, or none of a kind that the action is about.")


class BatchAccepted(Schema):
    """A batch that was begun."""

    job_id: UUID
    total_files: int
    video_count: int
    image_count: int
    audio_count: int
    under_way: int = Field(description="Of these, files that the stage waits for already; without `force` they are skipped.")
    excluded: Excluded
    model: str | None = Field(None, description="Of analyses: which model is asked; `local` for rules over words.")
    cost: CostEstimate | None = Field(None, description="Of analyses: what they may cost, for those that are not answered yet.")


class Rates(Schema):
    """How fast a batch goes, lately."""

    files_per_second: float
    bytes_per_second: float
    media_seconds_per_second: float = Field(description="Times real time; 0 for photos.")


class KindProgress(Schema):
    """Files of one kind, or of all."""

    total: int
    pending: int
    done: int
    skipped: int
    failed: int
    bytes_total: int
    bytes_done: int = Field(description="Of the files with a result, whatever it is.")
    rates: Rates


class CurrentItem(Schema):
    """A file that is being worked on."""

    file_id: UUID
    path: str
    kind: Kind
    done_seconds: float = Field(description="Seconds of media that are done.")
    total_seconds: float | None
    speed: float | None = Field(description="Seconds of media a second.")
    started_at: datetime


class Reason(Schema):
    """What happened to so many files, in words."""

    reason: str
    count: int
    examples: list[str] = Field(description="Paths of up to three of them.")


class BatchSummary(Schema):
    """A batch in a list."""

    job_id: UUID
    action: Action
    state: Literal["pending", "running", "done", "failed", "cancelled"]
    force: bool
    priority: Priority
    retry_of: UUID | None
    asked_by: str | None = Field(description="Who asked for it, by name; null for what is older than names.")
    items: dict[StageState, int]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Batches(Schema):
    """Batches, the latest first."""

    batches: list[BatchSummary]
    next_cursor: str | None
    total: int


class BatchStatus(BatchSummary):
    """How far a batch is."""

    listed: bool = Field(description="Whether all of its files are known.")
    total_files: int
    video_count: int
    image_count: int
    audio_count: int
    totals: KindProgress
    kinds: dict[Kind, KindProgress]
    eta_seconds: float | None
    eta_basis: str = Field(description="What the estimate rests on, or why there is none.")
    current: list[CurrentItem] = Field(description="At most twenty, those first that began first.")
    errors: list[Reason] = Field(description="Why files failed, the most frequent reason first; at most twenty.")
    skipped_because: list[Reason]
    finished: bool


class BatchItem(Schema):
    """A file of a job."""

    path: str
    file_id: UUID | None
    kind: Kind | None
    size: int | None
    state: StageState
    change: str | None
    reason: str | None
    settled_at: datetime | None


class BatchItems(Schema):
    """Files of a job in the order of their paths."""

    items: list[BatchItem]
    next_cursor: str | None


class JobState(Schema):
    """A job, and what it is now."""

    job_id: UUID
    state: str
