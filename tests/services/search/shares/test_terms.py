"""What can be shared, and for how long."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.shares.terms import require_time, span_of
from shared.clips import SHORTEST, key_of
from shared.contracts import Kind
from shared.errors import Invalid

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("kind", "duration", "starts", "ends", "span"),
    [
        (Kind.VIDEO, 60.0, None, None, None),
        (Kind.IMAGE, None, None, None, None),
        (Kind.VIDEO, 60.0, 0.0, 60.0, (0.0, 60.0)),
        (Kind.VIDEO, 60.0, 1.23456, 2.34567, (1.235, 2.346)),
        (Kind.AUDIO, 60.0, 59.0, 90.0, (59.0, 60.0)),
        (Kind.VIDEO, None, 1000.0, 2000.0, (1000.0, 2000.0)),
        (Kind.VIDEO, 60.0, 10.0, 10.1, (10.0, 10.1)),
    ],
)
def test_the_span_that_is_meant(
    kind: Kind, duration: float | None, starts: float | None, ends: float | None, span: tuple[float, float] | None
) -> None:
    assert span_of(kind, duration, starts, ends) == span


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "sentence"),
    [
        (Kind.VIDEO, 1.0, None, "give `starts` and `ends`"),
        (Kind.VIDEO, None, 1.0, "give `starts` and `ends`"),
        (Kind.IMAGE, 1.0, 2.0, "An image has no span"),
        (Kind.VIDEO, 2.0, 1.0, "The span ends at 1 s, before it begins at 2 s"),
        (Kind.VIDEO, 5.0, 5.0, "A span is 0.1 s long at least; this one is 0.000 s"),
        (Kind.VIDEO, 5.0, 5.099, "0.099 s"),
        (Kind.VIDEO, 59.95, 70.0, "A span is 0.1 s long at least"),
        (Kind.VIDEO, 60.0, 70.0, "The file is 60.0 s long, so nothing begins at 60 s"),
    ],
)
def test_what_is_no_span(kind: Kind, starts: float | None, ends: float | None, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        span_of(kind, 60.0, starts, ends)


@given(duration=st.floats(0.01, 1e6), starts=st.floats(0, 1e7), ends=st.floats(0, 1e7))
def test_a_span_lies_in_the_file(duration: float, starts: float, ends: float) -> None:
    try:
        span = span_of(Kind.VIDEO, duration, starts, ends)
    except Invalid:
        return
    assert span is not None
    assert 0 <= span[0] <= starts + 0.0006
    assert span[1] <= duration + 0.0006
    assert span[1] - span[0] >= SHORTEST - 1e-9


def test_a_link_ends_in_the_future_and_not_too_far_in_it() -> None:
    require_time(NOW + timedelta(seconds=1), NOW, WEEK)
    require_time(NOW + WEEK, NOW, WEEK)
    for past in (NOW, NOW - timedelta(days=1), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(Invalid, match="lies in the future"):
            require_time(past, NOW, WEEK)
    with pytest.raises(Invalid, match="7 days at most, so until 2026-03-08T12:00"):
        require_time(NOW + WEEK + timedelta(seconds=1), NOW, WEEK)
    with pytest.raises(Invalid, match="SPILLWAY_SHARES_LONGEST_DAYS"):
        require_time(datetime.max.replace(tzinfo=UTC), NOW, WEEK)


def test_what_is_in_a_clip_is_what_it_is_called_by() -> None:
    file, other = UUID(int=1), UUID(int=2)
    key = key_of(file, b"content", Kind.VIDEO, 1.0, 2.0)
    assert key == key_of(file, b"content", Kind.VIDEO, 1.0000001, 2.0)
    assert key.startswith("clips/")
    others = {
        key_of(file, b"content", Kind.VIDEO, 1.001, 2.0),
        key_of(file, b"content", Kind.VIDEO, 1.0, 2.001),
        key_of(file, b"other", Kind.VIDEO, 1.0, 2.0),
        key_of(other, b"content", Kind.VIDEO, 1.0, 2.0),
        key_of(file, b"content", Kind.AUDIO, 1.0, 2.0),
    }
    assert len({key, *others}) == 6
