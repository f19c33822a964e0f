"""What the API takes and answers about analyses that are stale."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.search.nova.schemas import CostEstimate, ModelKey, Options
from services.search.nova.stale import Reason
from services.search.schemas import Schema
from shared.contracts import Kind
from shared.selection import Filter


class StaleFile(Schema):
    """A file whose analysis is stale, and why."""

    file_id: UUID
    path: str
    kind: Kind
    model: str
    version: str = Field(description="Of the prompts, or of the local analyst's rules.")
    created_at: datetime
    reasons: list[Reason]


class Stale(Schema):
    """What is stale, were the model to answer; a file may be so for several reasons."""

    model: str
    prompt_version: str
    total: int
    analysed: int = Field(description="Files that have an analysis, and that none is under way about.")
    counts: dict[Reason, int]
    meanings: dict[Reason, str]
    renewable: int = Field(description="Files that are stale by prompt, model or local: what renewing is about.")
    renewal: CostEstimate | None = Field(description="What renewing these would cost; on the first page only.")
    files: list[StaleFile]
    next_cursor: str | None


class RenewAsk(Schema):
    """Which stale analyses to renew, and how."""

    filter: Filter = Field(default_factory=Filter)
    reasons: tuple[Reason, ...] | None = Field(None, min_length=1, description="prompt, model and local, unless given.")
    model: ModelKey | None = None
    analysis_types: tuple[str, ...] | None = Field(None, min_length=1)
    options: Options = Field(default_factory=dict)


class Renewing(Schema):
    """A renewal that was begun."""

    nova_job_id: UUID
    status: Literal["pending"]
    total_files: int
    remaining: int = Field(description="Stale files that did not fit into one request: ask again when this has ended.")
    model: str
    cost: CostEstimate
