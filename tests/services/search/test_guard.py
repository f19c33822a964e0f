"""What the gateway refuses before it looks."""

from collections.abc import Mapping

import pytest
from starlette.datastructures import Headers

from services.search.guard import LARGEST_BODY, LOCAL_HOSTS, host_of, refuse

JSON = {"host": "localhost:8080", "content-type": "application/json; charset=utf-8", "content-length": "2"}


def status(method: str, headers: Mapping[str, str]) -> int | None:
    refusal = refuse(method, Headers(dict(headers)), LOCAL_HOSTS)
    return refusal[0] if refusal else None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:8080", "[::1]"])
def test_local_names_are_answered(host: str) -> None:
    assert status("GET", {"host": host}) is None


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example:80"]
)
def test_foreign_names_are_not(host: str) -> None:
    assert status("GET", {"host": host}) == 400


def test_posts_of_forms_are_refused() -> None:
    assert status("POST", JSON) is None
    assert status("POST", {**JSON, "content-type": "text/plain"}) == 415
    assert status("DELETE", {"host": "localhost"}) == 415


def test_large_and_endless_bodies_are_refused() -> None:
    assert status("POST", {**JSON, "content-length": str(LARGEST_BODY + 1)}) == 413
    assert status("POST", {name: value for name, value in JSON.items() if name != "content-length"}) == 411


def test_the_port_is_no_part_of_the_name() -> None:
    assert host_of("Media.Example:443") == "media.example"
