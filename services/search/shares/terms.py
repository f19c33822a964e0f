"""What can be shared, and for how long. Pure: raises Invalid with what to do."""

from datetime import datetime, timedelta

from shared.clips import SHORTEST
from shared.contracts import Kind
from shared.errors import Invalid

Span = tuple[float, float]

HALF = "A span has a start and an end: give `starts` and `ends`, in seconds, or neither for the whole file."
STILL = "An image has no span; share the whole of it."
BACKWARDS = "The span ends at {ends:g} s, before it begins at {starts:g} s; give an end after the start."
SHORT = f"A span is {SHORTEST:g} s long at least; this one is {{length:.3f}} s. Let it begin earlier or end later."
PAST = "The file is {duration:.1f} s long, so nothing begins at {starts:g} s; share a span before its end."
OVER = "A link's end lies in the future; {expires_at} is past."
LONG = "A link works for {days:g} days at most, so until {latest}; give an earlier end, or raise SPILLWAY_SHARES_LONGEST_DAYS."


def span_of(kind: Kind, duration: float | None, starts: float | None, ends: float | None) -> Span | None:
    """The span that is meant, in whole milliseconds, and no longer than the file where that is known; None for all of it."""
    if starts is None and ends is None:
        return None
    if starts is None or ends is None:
        raise Invalid(HALF)
    if kind is Kind.IMAGE:
        raise Invalid(STILL)
    if ends < starts:
        raise Invalid(BACKWARDS.format(starts=starts, ends=ends))
    if duration is not None and starts >= duration:
        raise Invalid(PAST.format(starts=starts, duration=duration))
    starts, ends = round(starts, 3), round(ends if duration is None else min(ends, duration), 3)
    if round(ends - starts, 3) < SHORTEST:
        raise Invalid(SHORT.format(length=ends - starts))
    return starts, ends


def require_time(expires_at: datetime, now: datetime, longest: timedelta) -> None:
    """Raise Invalid unless a link may end then."""
    if expires_at <= now:
        raise Invalid(OVER.format(expires_at=expires_at.isoformat(timespec="seconds")))
    if expires_at > now + longest:
        latest = (now + longest).isoformat(timespec="minutes")
        raise Invalid(LONG.format(days=longest / timedelta(days=1), latest=latest))
