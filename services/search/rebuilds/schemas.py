"""What the API takes and answers about rebuilds of what searches read."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.search.schemas import Schema


class RebuildAsk(Schema):
    """What is to be made anew."""

    model: Literal["search"] = Field(description="The read model: the tables that searches read.")
    dry_run: bool = Field(False, description="Only tell what would change.")
    pay: bool = Field(
        False, description="Whether vectors that nobody keeps may be paid for again; budgets hold. Else such a rebuild fails."
    )


class TableRows(Schema):
    """Rows of a table."""

    now: int | None = Field(description="Null for a table that is missing or damaged.")
    then: int


class DifferentFile(Schema):
    """A file that would be found by other rows; one that gives way to another counts as changed."""

    file_id: UUID
    path: str
    added: int = Field(description="Moments that come.")
    removed: int = Field(description="Moments that go.")
    changed: int = Field(description="Moments that give way to another.")
    facts: int = Field(description="Values for filters and counts that come or go.")


class RebuildReport(Schema):
    """What would change."""

    tables: dict[str, TableRows]
    files_different: int
    examples: list[DifferentFile] = Field(description="The fifty that differ most.")


class VectorCounts(Schema):
    """Where vectors come from."""

    copied: int = Field(description="Taken over from the tables: the same text by the same embedder.")
    from_ledger: int = Field(description="Paid for once, and kept by the ledger.")
    made: int = Field(description="Made anew.")
    lacking: int = Field(description="Still to be made; of a dry run, that would be.")
    usd: float = Field(description="What making those costs, about.")


class IndexTold(Schema):
    """An index that is being made."""

    name: str
    share: float = Field(description="Of it that is made, from 0 to 1.")


class RebuildStatus(Schema):
    """How far a rebuild is."""

    job_id: UUID
    model: Literal["search"]
    dry_run: bool
    asked_by: str | None
    state: Literal["pending", "running", "done", "failed", "cancelled"]
    phase: Literal["waiting", "filling", "comparing", "embedding", "indexing", "swapping"] | None = Field(
        description="Null until a worker has taken it up."
    )
    files: int
    files_done: int
    vectors: VectorCounts
    index: IndexTold | None
    eta_seconds: float | None = Field(description="Of the phase; null where nothing is known.")
    heard_at: datetime | None = Field(description="When the worker told this.")
    report: RebuildReport | None = Field(description="Of a dry run that is done.")
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    finished: bool
