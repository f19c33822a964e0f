"""What the API takes and answers about uploads."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.search.schemas import Schema
from shared.parts import LARGEST_PART, MOST_PARTS, SMALLEST_PART
from shared.uploads import UploadState


class UploadWanted(Schema):
    """A file that somebody wants to upload in parts."""

    name: str = Field(min_length=1, max_length=4096, description="Folders before the name are left out.")
    size: int = Field(ge=0, description="Bytes.")
    content_type: str | None = Field(None, max_length=255, description="Noted, but what the file is its content says.")
    last_modified: int | None = Field(
        None, ge=0, lt=1 << 53, description="Milliseconds since 1970. With it, an upload that was broken off is found again."
    )
    part_size: int | None = Field(
        None, ge=SMALLEST_PART, le=LARGEST_PART, description="Bytes of every part but the last; Spillway chooses if left out."
    )


class UploadBegun(Schema):
    """An upload that waits for its parts, numbered from 1."""

    upload_id: UUID
    job_id: UUID = Field(description="The same id: an upload is a job.")
    key: str = Field(description="Where it will lie in the object store.")
    name: str = Field(description="What the file will be called; a name that is taken is given a number at the end.")
    size: int
    part_size: int = Field(description="Bytes of every part but the last.")
    part_count: int
    resumed: bool = Field(description="Whether the same file was being uploaded already: ask for the parts that are there.")
    expires_at: datetime = Field(description="When it is removed unless something more comes; each link puts it off.")
    hint: str | None = Field(description="Why the file will probably be refused once its content is known.")


class Upload(Schema):
    """How far an upload is."""

    upload_id: UUID
    job_id: UUID
    key: str
    name: str
    size: int | None = Field(description="Bytes; null for a stream that has not ended.")
    part_size: int
    state: UploadState
    note: str | None = Field(description="What became of it, in words.")
    file_id: UUID | None = Field(description="The file of the library that has this content.")
    created_at: datetime
    expires_at: datetime


class UploadProgress(Upload):
    """How far an upload is, by the bytes that have come."""

    bytes: int
    parts: int = Field(description="Parts that are there and whole.")


class Uploads(Schema):
    """Uploads that wait for their parts, the oldest first."""

    uploads: list[Upload]


class UploadPart(Schema):
    """A part that is there."""

    number: int
    size: int
    etag: str


class UploadParts(Schema):
    """The parts that are there and whole, by number."""

    parts: list[UploadPart]


class PartLink(Schema):
    """Where to send a part, and for how many seconds from now."""

    url: str
    method: Literal["PUT"] = "PUT"
    number: int
    size: int = Field(description="Bytes: the link takes no more and no less.")
    expires_in: int


class NamedPart(Schema):
    """A part by the `ETag` that the object store answered with; with or without its quotation marks."""

    number: int = Field(ge=1, le=MOST_PARTS)
    etag: str = Field(min_length=1, max_length=200)


class UploadCompletion(Schema):
    """Every part of an upload."""

    parts: list[NamedPart] = Field(max_length=MOST_PARTS)


class UploadAccepted(Schema):
    """An upload that is complete and will be looked at."""

    upload_id: UUID
    job_id: UUID
