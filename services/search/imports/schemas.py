"""What the API takes and answers about imports and rescans."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.search.schemas import Schema
from shared.changes import Change
from shared.contracts import Kind, StageState

Path = Annotated[str, Field(min_length=1, max_length=4096)]
Paths = Annotated[list[Path], Field(max_length=10_000)]


class ImportDirectory(Schema):
    """What to import."""

    path: Path = Field(description="A file or folder of the machine that Spillway runs on, in full.")
    recursive: bool = Field(True, description="Whether the folders in a folder are imported too.")
    apply: bool = Field(True, description="Whether files are taken in at once; else what is found is reported, and waits.")
    duplicates: Literal["skip", "import"] = Field(
        "skip", description="Whether a second copy of a content that the library has becomes a file of its own."
    )


class Rescan(Schema):
    """What to look through again."""

    path: Path | None = Field(
        None, description="A file or folder of the machine that Spillway runs on, in full; null for all that was ever imported."
    )
    apply: bool = Field(False, description="Whether what is found is applied at once; else it is reported, and waits.")


class Approval(Schema):
    """Which items of a report to apply; everything if nothing is said."""

    changes: list[Change] | None = Field(None, description="Only items of these changes.")
    paths: Paths | None = Field(None, description="Only items of these paths, as the report shows them.")
    excepted: Paths = Field(default_factory=list, alias="except", description="Not these paths, whatever else is said of them.")


class ScanProgress(Schema):
    """How far the files have been read, or applied."""

    done: int
    total: int | None = Field(description="Null while folders are still being listed.")
    bytes_done: int
    bytes_total: int | None
    files_per_second: float = Field(description="Lately.")
    bytes_per_second: float
    eta_seconds: float | None = Field(description="Null while nobody can tell.")
    eta_basis: str = Field(description="What the time left is reckoned from.")


class ScanProblem(Schema):
    """A file or folder that could not be read."""

    path: str
    reason: str


class ScanStatus(Schema):
    """How far an import or rescan is."""

    job_id: UUID
    kind: Literal["import", "rescan"]
    asked_by: str | None = Field(description="Who asked for it, by name; null for what is older than names.")
    path: str | None = Field(description="Null for all that was ever imported.")
    state: Literal["pending", "running", "reported", "done", "failed", "cancelled"]
    phase: Literal["scanning", "reported", "applying", "done"]
    counts: dict[Change, int] = Field(description="Files by what was found of them.")
    still_missing: int = Field(description="Files in the place looked through that were missing before.")
    applied: int = Field(description="Items of the report that the library has taken over.")
    current_path: str | None = Field(description="The folder that is being listed.")
    progress: ScanProgress
    errors: list[ScanProblem] = Field(description="The first files and folders that could not be read; the report has all.")
    error: str | None = Field(description="Why the job failed.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ReportItem(Schema):
    """A path, and what was found of it."""

    path: str
    from_path: str | None = Field(description="Where the file was; or, for a copy, what it is a copy of.")
    change: Change | None = Field(description="Null until the file has been read.")
    kind: Kind | None
    size: int | None = Field(description="Bytes.")
    file_id: UUID | None
    state: StageState = Field(description="`pending` until it is applied.")
    reason: str | None


class ScanReport(Schema):
    """Items by path."""

    items: list[ReportItem]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class ScanState(Schema):
    """What a job was brought to."""

    job_id: UUID
    state: Literal["running", "cancelled"]
