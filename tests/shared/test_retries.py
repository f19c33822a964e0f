"""One decision for every error: acknowledged, tried again, or buried."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.errors import (
    AlreadyApplied,
    BadMedia,
    Conflict,
    Forbidden,
    Invalid,
    InvalidEvent,
    KeyReused,
    NotFound,
    Permanent,
    SpillwayError,
    Superseded,
    Transient,
    Unavailable,
    WorkerLost,
)
from shared.retries import (
    FIRST_DELAY,
    FIRST_WAIT,
    LONGEST_DELAY,
    LONGEST_WAIT,
    Bury,
    Done,
    Retry,
    delay_before,
    disposition,
    wait_before,
)
from tests.support.examples import FILE

ATTEMPTS = 5

DONE: list[tuple[Exception, str]] = [(AlreadyApplied(FILE), "duplicate"), (Superseded(FILE, 1), "superseded")]
PERMANENT: list[Exception] = [
    Permanent("no"),
    BadMedia("no"),
    Conflict("no"),
    Forbidden("no"),
    Invalid("no"),
    InvalidEvent("file.ingested", "no"),
    KeyReused(),
    NotFound("file", FILE),
    WorkerLost(20),
]
COUNTED: list[Exception] = [Transient("hiccup"), ValueError("bug"), TimeoutError(), OSError("disk"), SpillwayError("other")]

deliveries = st.integers(min_value=1, max_value=10_000)


@pytest.mark.parametrize(("error", "outcome"), DONE)
@given(delivery=deliveries)
def test_what_is_done_is_acknowledged(error: Exception, outcome: str, delivery: int) -> None:
    assert disposition(error, delivery, ATTEMPTS) == Done(outcome)


@pytest.mark.parametrize("error", PERMANENT, ids=repr)
def test_what_fails_each_time_is_buried_at_once(error: Exception) -> None:
    assert disposition(error, 1, ATTEMPTS) == Bury()


@pytest.mark.parametrize("error", COUNTED, ids=repr)
@given(delivery=deliveries, attempts=st.integers(1, 20))
def test_what_may_pass_is_tried_so_many_times(error: Exception, delivery: int, attempts: int) -> None:
    expected = Bury() if delivery >= attempts else Retry(delay_before(delivery))
    assert disposition(error, delivery, attempts) == expected


def test_the_table_names_every_error_of_the_tree() -> None:
    tree = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SpillwayError)}
    tested = {type(error) for error in [error for error, _ in DONE] + PERMANENT + COUNTED}
    outages = {kind for kind in tree if issubclass(kind, Unavailable)}
    assert tree - outages <= tested


@given(delivery=deliveries)
def test_delays_are_bounded_and_never_shrink(delivery: int) -> None:
    assert FIRST_DELAY <= delay_before(delivery) <= delay_before(delivery + 1) <= LONGEST_DELAY


def test_delays_double_up_to_the_longest() -> None:
    assert [delay_before(delivery) for delivery in range(1, 8)] == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


@given(tries=deliveries)
def test_waits_are_bounded_and_never_shrink(tries: int) -> None:
    assert FIRST_WAIT <= wait_before(tries) <= wait_before(tries + 1) <= LONGEST_WAIT


def test_waits_are_short() -> None:
    assert [wait_before(tries) for tries in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
