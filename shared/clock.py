"""The clock: what time it is, time zone aware."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present in UTC."""
    return datetime.now(UTC)
