"""What the API takes and answers about models, prices and analyses."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from services.search.schemas import Schema
from shared.batch_requests import MOST_FILES
from shared.contracts import Kind
from shared.selection import Filter

FileIds = Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_FILES)]
ModelKey = Annotated[str, Field(min_length=1, max_length=100)]
Options = Annotated[
    dict[str, JsonValue],
    Field(description="summary_depth, language, processing_mode, combined, fresh: as AnalysisOptions has them."),
]
Word = Literal["pending", "running", "waiting", "done", "failed", "cancelled"]


class ModelPrices(Schema):
    """US dollars per million tokens; of embeddings, per image or second."""

    input: str
    output: str | None = None
    cache_read: str | None = None
    cache_write: str | None = None
    batch_input: str | None = None
    batch_output: str | None = None
    image: str | None = None
    video_second: str | None = None
    audio_second: str | None = None


class ModelTold(Schema):
    """A model of the catalogue."""

    key: str
    name: str
    provider: str
    purpose: Literal["understanding", "embedding"]
    model_id: str
    profiles: dict[str, str] = Field(description="Inference profiles by scope.")
    profile_required: bool
    modalities: list[str]
    context_tokens: int
    most_output_tokens: int
    dimensions: list[int]
    lifecycle: dict[str, Any] = Field(description="status, legacy_on, ends_on, successor, and when and where that was read.")
    useful_window_seconds: float = Field(description="Longer videos are looked at in parts.")
    prices: dict[str, Any] | None = Field(description="By scope and tier, with the date on which they were read.")
    price: ModelPrices | None = Field(description="In the scope and tier that are set.")
    analyses: dict[Kind, list[str]] = Field(description="What it can find out about files of each kind.")
    usable: bool
    why_not: str | None
    default: bool = Field(description="Whether it is asked unless a request names another.")


class Models(Schema):
    """The catalogue."""

    models: list[ModelTold]
    default: str = Field(description="Which is asked unless a request names another; `local`: rules over words, at no cost.")
    local: bool
    region: str
    scope: str
    tier: str
    prices_as_of: date
    refreshed_at: datetime | None = Field(description="When the provider was asked last what it has.")


class TokensByModality(Schema):
    """Input tokens by what they are of."""

    text: int
    image: int
    video: int


class KindCost(Schema):
    """What the files of a kind come to."""

    files: int
    input_tokens: int
    usd_low: float
    usd_high: float


class CostSums(Schema):
    """What a question would come to, at least and at most."""

    model: str
    input_tokens: int
    input_tokens_by_modality: TokensByModality
    output_tokens_low: int
    output_tokens_high: int
    usd_low: float
    usd_high: float
    batch_usd_low: float | None
    batch_usd_high: float | None
    seconds_low: float
    seconds_high: float
    chunks: int
    calls: int
    prices_as_of: date | None
    notes: list[str]


class CostEstimate(CostSums):
    """What the files of a request would come to together."""

    files: int = 0
    cached_files: int = Field(0, description="Files that have been answered already, which cost nothing again.")
    by_kind: dict[Kind, KindCost] = Field(default_factory=dict)


class BudgetLeft(Schema):
    """What a budget would have left."""

    name: str
    period: Literal["day", "month"]
    usd: float
    left: float
    left_after: float
    enough: bool


class FileCost(CostSums):
    """What one file would come to."""

    file_id: UUID
    path: str
    kind: Kind
    cached: bool = Field(description="Whether it has been answered already, and costs nothing again.")


class EstimateTold(CostEstimate):
    """What a question about files would come to, with what the budgets would have left."""

    budgets: list[BudgetLeft]
    per_file: list[FileCost] | None = Field(description="Of up to 100 file_ids, each by itself.")


class EstimateAsk(Schema):
    """What to price: files, or one that is only described."""

    model: ModelKey | None = None
    file_ids: FileIds | None = None
    filter: Filter | None = None
    video_duration_seconds: float | None = Field(None, gt=0, le=1e6, allow_inf_nan=False)
    kind: Kind | None = Field(None, description="Of the file that is described; a video, unless given.")
    width: int | None = Field(None, ge=1, le=100_000)
    height: int | None = Field(None, ge=1, le=100_000)
    transcript_characters: int | None = Field(None, ge=0, le=10_000_000)
    analysis_types: tuple[str, ...] | None = Field(None, min_length=1)
    options: Options = Field(default_factory=dict)


class AnalyzeAsk(Schema):
    """Which files to analyse, and how."""

    file_id: UUID | None = None
    file_ids: FileIds | None = None
    model: ModelKey | None = None
    analysis_types: tuple[str, ...] | None = Field(
        None, min_length=1, description="What to find out; everything, unless given."
    )
    options: Options = Field(default_factory=dict)


class AnalyzeAccepted(Schema):
    """An analysis that was begun."""

    nova_job_id: UUID
    status: Literal["pending"]
    file_id: UUID | None = Field(description="Of the one file that is meant; null for several.")
    total_files: int
    model: str
    analysis_types: list[str] | None = Field(description="Null for everything.")
    processing_mode: Literal["realtime"]
    cost: CostEstimate


class FileCounts(Schema):
    """Files of a job, by what became of them."""

    total: int
    pending: int
    done: int
    skipped: int
    failed: int


class CostSoFar(Schema):
    """What was paid by now."""

    usd: float
    usd_reserved: float = Field(description="What calls under way may cost at most.")
    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int


class AnalysisStatus(Schema):
    """How far an analysis is."""

    nova_job_id: UUID
    status: Word
    progress_percent: float
    current_chunk: int | None = Field(description="Of one file: which part is looked at.")
    total_chunks: int | None
    batch_status: None = Field(None, description="Null: what is asked in real time is in no batch of the provider.")
    waiting_for: str | None
    error: str | None
    file_id: UUID | None
    files: FileCounts
    model: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cost: CostSoFar
    estimate: CostEstimate | None
    finished: bool


class Calls(Schema):
    """A call that was paid for, or may have been."""

    id: UUID
    purpose: str
    model: str
    model_id: str
    state: Literal["begun", "answered", "refused", "lost"]
    request_id: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    usd: float | None
    usd_reserved: float
    latency_ms: int | None
    stop_reason: str | None
    error: str | None
    begun_at: datetime
    ended_at: datetime | None


class ResultCost(Schema):
    """What a result cost."""

    usd: float
    usd_saved_by_cache: float = Field(description="What the same answers had cost when they were paid for.")
    cached: bool = Field(description="Whether all was answered already, and nothing was asked.")
    calls: list[Calls]


class Raw(Schema):
    """An answer as it came."""

    call_id: UUID
    purpose: str
    stop_reason: str | None
    answer: Any


class Result(Schema):
    """What was found out about a file, with evidence; what was not asked for, or is not known yet, is null."""

    nova_job_id: UUID | None
    status: Word
    file_id: UUID
    path: str
    kind: Kind
    error: str | None
    model: str | None
    model_id: str | None
    prompt_version: str | None
    analysis_types: list[str] | None
    summary: dict[str, Any] | None
    transcript_summary: dict[str, Any] | None
    description: dict[str, Any] | None
    chapters: list[dict[str, Any]] | None
    elements: list[dict[str, Any]] | None
    waterfall_classification: dict[str, Any] | None
    search_metadata: dict[str, Any] | None
    metadata: dict[str, Any] | None = Field(description="search_metadata, and what the camera noted, as a source of its own.")
    made: dict[str, Any] | None = Field(description="By section: which model, prompt version and run made it.")
    notes: list[str]
    tokens: dict[str, int]
    cost: ResultCost
    estimate: dict[str, Any] | None
    raw: list[Raw]
    started_at: datetime | None
    finished_at: datetime | None


class Results(Schema):
    """What was found out about several files, in the order of their paths."""

    nova_job_id: UUID
    status: Word
    files: list[Result]
    next_cursor: str | None
