"""What the API takes and answers about the accord of object store and library."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.search.schemas import Schema


class Change(StrEnum):
    """In which way the object store and the library differ."""

    ORPHAN = "orphan"
    MISSING = "missing"
    SIZE = "size"
    RECIPE = "recipe"
    STALE = "stale"


class ReconcileAsk(Schema):
    """Whether to look only, or to mend what is found without asking again."""

    apply: bool = False


class ReconcileApproval(Schema):
    """What is to be mended."""

    kinds: Annotated[tuple[Change, ...], Field(min_length=1)] | None = Field(None, description="All, unless it is said.")


class Found(Schema):
    """Differences of one kind."""

    count: int
    bytes: int
    pending: int
    done: int
    skipped: int
    examples: list[str] = Field(description="Up to three objects or files.")


class Compared(Schema):
    """How much was compared."""

    objects: int
    bytes: int
    renditions: int


class ReconcileStatus(Schema):
    """How far a reconciliation is, and what it found."""

    job_id: UUID
    asked_by: str | None = Field(description="Who asked for it, by name; null for what is older than names.")
    state: Literal["pending", "running", "reported", "done", "failed", "cancelled"]
    apply: bool
    compared: Compared | None = Field(description="Null until the comparison is done.")
    found: dict[Change, Found]
    mending_job_id: UUID | None = Field(description="The batch that makes renditions anew; ask it how far it is.")
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    finished: bool
