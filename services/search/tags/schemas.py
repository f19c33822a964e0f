"""What the API takes and answers about tags."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.search.http.versions import Version
from services.search.schemas import Named, Schema
from shared.labels import LONGEST

NAME = f"One line of at most {LONGEST} characters; names that differ only in case are the same."


class Tag(Schema):
    """A tag, and how many files have it."""

    id: UUID
    name: str
    files: int
    created_by: str
    created_at: datetime
    version: Version


class Tags(Schema):
    """Tags, by name."""

    tags: list[Tag]
    next_cursor: str | None


class TagAsk(Schema):
    """A tag's name."""

    name: str = Field(max_length=1000, description=NAME)


class MergeAsk(Schema):
    """The tag that takes another's place."""

    into: UUID


class TagsOfFile(Schema):
    """The tags of a file, by name."""

    file_id: UUID
    tags: list[Named]
