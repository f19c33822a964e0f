"""What every route has in common."""

import httpx
import pytest

from services.search.app import create_app
from services.search.http.guard import SECURITY_HEADERS
from services.search.identity.access import ACCESS

DESCRIBED = ("/api/", "/reports/")
"""How paths of what people and programs ask for begin; the rest is pages, health and metrics."""


def test_the_description_tells_every_route_and_how_it_fails() -> None:
    paths = create_app().openapi()["paths"]
    described = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert described == {(method, path) for method, path in ACCESS if path.startswith(DESCRIBED)} - {
        ("GET", "/api/openapi.json")
    }
    for operations in paths.values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["4XX"]["content"]


@pytest.mark.connected
class TestServed:
    async def test_health_and_metrics(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).text == "ready\n"
        metrics = (await http.get("/metrics")).text
        assert 'spillway_http_seconds_count{method="GET",route="/livez",status="200"}' in metrics

    async def test_every_answer_has_the_security_headers(self, http: httpx.AsyncClient) -> None:
        for path in ("/livez", "/api/files", "/api/nothing", "/api/search"):
            headers = (await http.get(path)).headers
            assert {name: headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS

    async def test_the_page_is_served_with_its_own_policy(self, http: httpx.AsyncClient) -> None:
        response = await http.get("/")
        assert response.headers["content-type"].startswith("text/html")
        assert "script-src 'sha256-" in response.headers["content-security-policy"]

    async def test_there_is_no_page_that_loads_scripts_from_elsewhere(self, http: httpx.AsyncClient) -> None:
        for path in ("/docs", "/redoc", "/api/docs"):
            assert (await http.get(path)).status_code == 404
        assert (await http.get("/api/openapi.json")).json()["info"]["title"] == "Spillway"

    async def test_a_foreign_name_is_refused(self, http: httpx.AsyncClient) -> None:
        response = await http.get("/api/files", headers={"host": "evil.example"})
        assert response.status_code == 400
        assert "evil.example" in response.json()["detail"]

    async def test_a_method_that_is_not_there_is_refused(self, http: httpx.AsyncClient) -> None:
        response = await http.request("DELETE", "/api/files", json={})
        assert response.status_code == 405
        assert response.headers["content-type"] == "application/problem+json"
