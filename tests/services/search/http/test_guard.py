"""What the gateway refuses before it looks."""

from collections.abc import Mapping

import pytest
from starlette.datastructures import Headers

from services.search.http.guard import LARGEST_BODY, LOCAL_HOSTS, host_of, refuse

JSON = {"host": "localhost:8080", "content-type": "application/json; charset=utf-8", "content-length": "2"}


def status(method: str, headers: Mapping[str, str], path: str = "") -> int | None:
    refusal = refuse(method, Headers(dict(headers)), LOCAL_HOSTS, path)
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
    assert status("POST", {"host": "localhost"}) == 415
    assert status("DELETE", {**JSON, "content-type": "text/plain"}) == 415
    assert status("DELETE", {"host": "localhost", "transfer-encoding": "chunked"}) == 415


def test_what_has_no_body_need_not_say_what_it_is() -> None:
    assert status("DELETE", {"host": "localhost"}) is None
    for method in ("DELETE", "PUT"):
        assert status(method, {"host": "localhost", "content-length": "0"}, "/api/files/x/tags/y") is None
    assert status("PUT", {"host": "localhost", "content-length": "1"}, "/api/files/x/tags/y") == 415


@pytest.mark.parametrize("headers", [{"transfer-encoding": "chunked"}, {"content-length": str(1 << 40)}, {}])
def test_only_an_upload_may_be_any_bytes_and_only_by_put(headers: Mapping[str, str]) -> None:
    sent = {"host": "localhost", "content-type": "video/mp4", **headers}
    assert status("PUT", sent, "/api/uploads/falls.mp4") is None
    for method, path in (
        ("POST", "/api/uploads/falls.mp4"),
        ("PUT", "/api/uploads"),
        ("PUT", "/api/files/x"),
        ("PATCH", "/api/uploads/x"),
    ):
        assert status(method, sent, path) == 415


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example:8080", "null", ""])
def test_pages_of_others_change_nothing(origin: str) -> None:
    for method, headers in (("POST", JSON), ("PUT", {"host": "localhost"}), ("DELETE", {"host": "localhost"})):
        assert status(method, {**headers, "origin": origin}, "/api/uploads/x") == 403
        assert status(method, {**headers, "origin": "http://localhost:8080"}, "/api/uploads/x") is None
    assert status("GET", {"host": "localhost", "origin": origin}) is None


def test_large_and_endless_bodies_are_refused() -> None:
    assert status("POST", {**JSON, "content-length": str(LARGEST_BODY + 1)}) == 413
    assert status("POST", {name: value for name, value in JSON.items() if name != "content-length"}) == 411


def test_the_port_is_no_part_of_the_name() -> None:
    assert host_of("Media.Example:443") == "media.example"
