"""What the API takes and answers about saved searches."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.search.http.versions import Version
from services.search.schemas import Schema
from services.search.tags.schemas import NAME

LONGEST = 8000
"""Characters of a query string."""
QUERY = "The parameters of GET /api/search, as its URL has them after the question mark: `q=waterfall&kind=video&tag=grotto`."
SHARED = "Whether everybody sees it; else its owner and administrators do."


class SavedSearch(Schema):
    """A search that is kept."""

    id: UUID
    name: str
    owner: str
    shared: bool = Field(description=SHARED)
    query: str = Field(description=QUERY)
    problem: str | None = Field(description="Why it cannot be answered any more: a sentence; null if it can.")
    created_at: datetime
    updated_at: datetime
    version: Version


class SavedSearches(Schema):
    """Searches, by name."""

    searches: list[SavedSearch]
    next_cursor: str | None


class NewSearch(Schema):
    """A search to keep."""

    name: str = Field(max_length=1000, description=NAME)
    query: str = Field(max_length=LONGEST, description=QUERY)
    shared: bool = Field(False, description=SHARED)


class SearchChange(Schema):
    """What to change of a saved search; what is left out stays."""

    name: str | None = Field(None, max_length=1000, description=NAME)
    query: str | None = Field(None, max_length=LONGEST, description=QUERY)
    shared: bool | None = Field(None, description=SHARED)
