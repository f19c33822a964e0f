"""Conditional requests."""

import pytest

from services.search.http.conditions import Changed, names, require, tag, version

NOW = tag(b"{}")


def test_a_tag_says_what_the_bytes_are() -> None:
    assert tag(b"{}") == NOW
    assert tag(b"[]") != NOW
    assert NOW.startswith('"')
    assert NOW.endswith('"')


@pytest.mark.parametrize(
    ("header", "named"),
    [
        (None, False),
        (NOW, True),
        (f"W/{NOW}", True),  # proxies that compress weaken tags
        (f'"other", {NOW}', True),
        ("*", True),
        ('"other"', False),
        (NOW.strip('"'), False),
        ("", False),
    ],
)
def test_whether_the_client_has_it(header: str | None, named: bool) -> None:
    assert names(header, NOW) is named


def test_a_version_follows_what_is_set() -> None:
    assert version({"name": "a", "usd": 5}) == version({"usd": 5, "name": "a"})
    assert version({"name": "a", "usd": 5}) != version({"name": "a", "usd": 6})


@pytest.mark.parametrize("header", [None, "*", '"v1"', '"v0", "v1"'])
def test_what_is_as_the_client_has_seen_it_may_be_changed(header: str | None) -> None:
    require(header, "v1", "budget")


@pytest.mark.parametrize("header", ['"v0"', "v1", 'W/"v1"', ""])
def test_what_is_not_may_not(header: str) -> None:
    with pytest.raises(Changed, match="The budget was changed since you read it"):
        require(header, "v1", "budget")
