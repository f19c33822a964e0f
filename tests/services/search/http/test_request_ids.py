"""Names of requests."""

import pytest

from services.search.http.request_ids import request_id


@pytest.mark.parametrize("given", ["a", "01a1fa16-bdf3-74fb", "trace=1:2/3", "x" * 100])
def test_a_sane_name_is_kept(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize("given", [None, "", "x" * 101, "a b", "a\tb", "-a", 'a"b', "caf\xe9", "a\u2028b"])
def test_another_is_made_in_place_of_what_is_not(given: str | None) -> None:
    made = request_id(given)
    assert made != given
    assert request_id(made) == made
    assert request_id(given) != made
