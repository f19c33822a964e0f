"""The clock, as a port: what depends on the time of day takes one, so that tests can set it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Answers with the present, time zone aware."""

    def __call__(self) -> datetime: ...


def utc_now() -> datetime:
    """The present in UTC."""
    return datetime.now(UTC)
