"""What the API takes and answers about watched folders."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.search.http.versions import Version
from services.search.schemas import Schema

Poll = Annotated[
    Literal["auto", "events", "polling"],
    Field(description="How changes are noticed: the system tells of them, or all is compared again and again; or as fits."),
]
Settle = Annotated[
    float,
    Field(
        ge=0.1, le=3600, description="Seconds for which a file must stay as it is to be taken: half-copied ones are growing."
    ),
]


class Watch(Schema):
    """A watched folder."""

    id: UUID
    path: str
    recursive: bool
    settle_seconds: float
    poll: Poll
    enabled: bool
    state: Literal["off", "waiting", "events", "polling", "away"] = Field(
        description="How it is watched now; `waiting` for a service to take it up, `away` while the folder is not there."
    )
    reason: str | None = Field(description="Why it is away or polled: a sentence.")
    looked_at: datetime | None = Field(description="The last sign of life of the service that watches it.")
    changed_at: datetime | None = Field(description="When something in it last had to be taken in.")
    job_id: UUID | None = Field(description="The rescan that was asked for last.")
    created_at: datetime
    asked_by: str | None = Field(description="In whose name it is taken in, and analysed; null for what is older than names.")
    version: Version


class Watches(Schema):
    """Every watched folder, by its path."""

    watches: list[Watch]


class NewWatch(Schema):
    """A folder to watch."""

    path: str = Field(min_length=1, max_length=4096, description="A folder of the machine that Spillway runs on, in full.")
    recursive: bool = Field(True, description="Whether the folders in it are watched too.")
    settle_seconds: Settle = 10.0
    poll: Poll = "auto"


class WatchChange(Schema):
    """What to change of a watch; what is left out stays."""

    recursive: bool | None = None
    settle_seconds: Settle | None = None
    poll: Poll | None = None
    enabled: bool | None = None
