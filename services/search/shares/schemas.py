"""What the API takes and answers about share links."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.search.http.versions import Version
from services.search.schemas import Schema
from services.search.shares.standing import State
from shared.contracts import Kind

LONGEST = 1e7
"""Seconds into a file: four months."""

Label = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="What guests read above it; whoever makes the link finds it by this.",
    ),
]
Second = Annotated[float, Field(ge=0, le=LONGEST, allow_inf_nan=False)]
Ends = Annotated[AwareDatetime, Field(description="Until when the link works.")]


class NewShare(Schema):
    """A link that is to be made, to a file or to a span of it."""

    file_id: UUID
    starts: Second | None = Field(None, description="Seconds; with `ends`, guests get the span and nothing else of the file.")
    ends: Second | None = Field(None, description="Seconds; what lies past the end of the file is left out.")
    label: Label = ""
    expires_at: Ends | None = Field(None, description="In seven days, unless it is said.")
    allow_download: bool = Field(False, description="Whether guests may keep what they are shown: never the original.")
    with_transcript: bool = Field(False, description="Whether guests read what is said in it.")


class ShareChange(Schema):
    """What to change of a link; what is left out stays."""

    label: Label | None = None
    expires_at: Ends | None = None


class Share(Schema):
    """A link, without the secret that makes it one."""

    id: UUID
    file_id: UUID
    path: str
    kind: Kind
    label: str
    starts: float | None = Field(description="Seconds; null for the whole file.")
    ends: float | None
    allow_download: bool
    with_transcript: bool
    state: State = Field(description="`ready`, or why guests are shown nothing.")
    reason: str | None = Field(description="Why it failed or the file is another one now, and what to do: a sentence.")
    progress: float | None = Field(description="How much of its clip is cut, 0 to 1.")
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None
    uses: int = Field(description="How often guests were given what it shares.")
    used_at: AwareDatetime | None = Field(description="When that was last.")
    version: Version


class MadeShare(Share):
    """A link with its secret, which is told here and nowhere else."""

    link: str = Field(description="The address to send to guests; what follows `#` is the secret, which no server logs.")


class Shares(Schema):
    """Links, the latest first."""

    shares: list[Share]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class Medium(Schema):
    """What a guest is shown."""

    url: str = Field(description="Works for some minutes; ask again when it does no more.")
    content_type: str
    width: int | None
    height: int | None


class SharedLine(Schema):
    """What is said, and when, in seconds of what is shown."""

    start: float
    end: float
    text: str


class Shared(Schema):
    """What a guest gets of a link."""

    label: str
    name: str = Field(description="The file's, without its folders.")
    kind: Kind
    starts: float | None = Field(description="Where in the file the span begins, in seconds; null for the whole file.")
    ends: float | None
    expires_at: AwareDatetime
    state: State = Field(description="`ready`, `preparing` or `failed`; anything else is refused with 410.")
    sentence: str | None = Field(description="What to tell people while there is nothing to show.")
    progress: float | None = Field(description="How much of it is prepared, 0 to 1.")
    retry_after: float | None = Field(description="Seconds after which it is worth asking again while it is being prepared.")
    medium: Medium | None
    poster: str | None = Field(description="A picture of a whole video; a span shows its own first frame.")
    download: str | None = Field(description="The same to keep, if that is allowed.")
    links_until: AwareDatetime | None = Field(description="When the addresses here stop working.")
    lines: list[SharedLine] | None = Field(description="What is said in it, if that is shared.")
