"""What the API takes and answers about collections."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.search.http.versions import Version
from services.search.schemas import File, Schema
from services.search.tags.schemas import NAME

LONGEST = 10_000
"""Characters of a description."""
STORABLE = r"^[^\x00]*$"


class Collection(Schema):
    """A named set of files."""

    id: UUID
    name: str
    description: str
    files: int
    cover: str | None = Field(description="Path of a picture on this gateway: that of the first file that has one.")
    created_by: str
    created_at: datetime
    updated_at: datetime = Field(description="When it was last named, described, or given or rid of files.")
    version: Version


class Collections(Schema):
    """Collections, by name."""

    collections: list[Collection]
    next_cursor: str | None


class NewCollection(Schema):
    """A collection to make, which has no files yet."""

    name: str = Field(max_length=1000, description=NAME)
    description: str = Field("", max_length=LONGEST, pattern=STORABLE)


class CollectionChange(Schema):
    """What to change of a collection; what is left out stays."""

    name: str | None = Field(None, max_length=1000, description=NAME)
    description: str | None = Field(None, max_length=LONGEST, pattern=STORABLE)


class CollectionFile(Schema):
    """A file of a collection."""

    added_at: datetime
    added_by: str
    file: File


class CollectionFiles(Schema):
    """Files of a collection, in the order in which they were added."""

    files: list[CollectionFile]
    next_cursor: str | None
    total: int
