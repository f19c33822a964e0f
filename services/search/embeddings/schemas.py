"""What the API answers about embedders."""

from datetime import date, datetime

from pydantic import Field

from services.search.schemas import Schema


class EmbedderTold(Schema):
    """An embedder, and since when it serves or is building."""

    model: str
    dimensions: int
    since: datetime


class RestTold(Schema):
    """What is still to be embedded."""

    files: int
    texts: int = Field(description="Each counted once, in however many files it is.")
    images: int
    video_seconds: float
    usd: float = Field(description="What that costs, about.")
    prices_as_of: date | None = Field(description="Null where it costs nothing.")


class EmbeddersTold(Schema):
    """Which embedder answers searches, and which is to take its place."""

    serving: EmbedderTold
    building: EmbedderTold | None
    left: RestTold | None = Field(description="Until then; null where none is to.")
