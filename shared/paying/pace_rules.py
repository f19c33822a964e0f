"""How fast a model may be asked: further apart after each refusal, closer together after each answer."""

from datetime import datetime

FIRST = 0.5
"""Seconds between two calls after the first refusal."""
LONGEST = 30.0
"""Seconds: a quota counts by the minute, so two tries in one are enough to see that it is free again."""
RELIEF = 0.8
"""By which an answer shortens the spacing: a dozen answers undo three refusals."""
JITTER = 0.5
"""Up to so much of the spacing more is waited, so that processes which were refused together do not come back together."""


def slower(spacing: float) -> float:
    """Seconds between two calls after a refusal."""
    return min(max(FIRST, spacing * 2), LONGEST)


def faster(spacing: float) -> float:
    """Seconds between two calls after an answer; what no one would notice is nothing."""
    eased = spacing * RELIEF
    return eased if eased >= FIRST / 2 else 0.0


def is_news(begun_at: datetime, throttled_at: datetime | None) -> bool:
    """Whether a refused call tells anything: those that were under way at the last refusal met the same limit."""
    return throttled_at is None or begun_at > throttled_at


def waiting(seconds: float, spacing: float, chance: float) -> float:
    """Seconds to wait for a model that is free in `seconds`; `chance` is between 0 and 1."""
    return max(seconds, 0.0) + JITTER * spacing * chance
