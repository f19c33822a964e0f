"""Where a listener goes on."""

from datetime import UTC, datetime

import pytest

from services.search.live.places import Place, mark, read, resumed

LAST = Place(50, "5ff")


def test_an_id_is_read_as_it_was_written() -> None:
    for place in (Place(12, "5ff"), Place(0), LAST):
        assert read(str(place)) == place


@pytest.mark.parametrize(
    ("after", "sequence"),
    [
        (None, 50),  # from now on
        (Place(7, "5ff"), 7),
        (Place(7), 7),
        (Place(99, "5ff"), 50),  # the end of the stream was lost
        (Place(99), 50),
        (Place(7, "abc"), 0),  # of a stream that is gone: the whole of the new one is news
        (Place(99, "abc"), 0),
    ],
)
def test_where_to_go_on(after: Place | None, sequence: int) -> None:
    assert resumed(after, LAST) == sequence


def test_streams_of_different_times_have_different_marks() -> None:
    times = [datetime(2026, 1, 1, 12, 0, 0, microsecond, UTC) for microsecond in (0, 1, 999_999)]
    assert len({mark(time) for time in times}) == 3
