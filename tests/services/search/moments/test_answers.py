"""What answers have beside their bodies: names, tags, limits."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import LogCapture

from services.search import app as app_module
from services.search.health import router
from services.search.http.rate_limits import RateLimits, RouteClass

pytestmark = pytest.mark.connected

PATHS = ("/livez", "/api/files", "/api/nothing", "/api/files?limit=0", "/api/files/x")


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_has_the_name_of_its_request(http: httpx.AsyncClient, path: str) -> None:
    given = await http.get(path, headers={"X-Request-Id": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    made = [(await http.get(path)).headers["x-request-id"] for _ in range(2)]
    assert made[0] != made[1]
    if not given.is_success:
        assert given.json()["request_id"] == "mine-1"


async def test_a_refusal_of_the_guard_has_the_name_too(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/watches", content=b"x", headers={"X-Request-Id": "mine-2"})
    assert (answer.status_code, answer.json()["request_id"]) == (415, "mine-2")


async def test_what_the_log_says_names_the_request(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError

    captured = LogCapture()
    processors = structlog.get_config()["processors"]
    monkeypatch.setattr("services.search.files.routes.library.list_files", broken)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    monkeypatch.setattr("services.search.http.guard.log", structlog.get_logger())
    try:
        answer = await http.get("/api/files", headers={"X-Request-Id": "mine-3"})
    finally:
        structlog.configure(processors=processors)
    assert (answer.status_code, answer.json()["request_id"]) == (500, "mine-3")
    assert [(entry["event"], entry["request_id"]) for entry in captured.entries] == [("request failed", "mine-3")]


async def test_who_has_an_answer_does_not_get_it_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/api/watches")
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    again = await http.get("/api/watches", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    other = await http.get("/api/watches", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_what_has_changed_is_told_anew(http: httpx.AsyncClient) -> None:
    tag = (await http.get("/api/nova/budgets")).headers["etag"]
    made = await http.post("/api/nova/budgets", json={"name": "films", "period": "month", "usd": 5})
    assert made.status_code == 201
    now = await http.get("/api/nova/budgets", headers={"If-None-Match": tag})
    assert now.status_code == 200
    assert now.headers["etag"] != tag


async def test_what_somebody_else_has_changed_is_left_as_it_is(http: httpx.AsyncClient, tmp_path: Path) -> None:
    budget = (await http.post("/api/nova/budgets", json={"name": "films", "period": "month", "usd": 5})).json()
    watch = (await http.post("/api/watches", json={"path": str(tmp_path)})).json()
    for method, path, thing, change in (
        ("PUT", "/api/nova/budgets", budget, {"usd": 6}),
        ("PATCH", "/api/watches", watch, {"enabled": False}),
    ):
        where, seen = f"{path}/{thing['id']}", {"If-Match": f'"{thing["version"]}"'}
        changed = await http.request(method, where, json=change, headers=seen)
        assert changed.status_code == 200
        assert changed.json()["version"] != thing["version"]
        for stale in (http.request(method, where, json=change, headers=seen), http.delete(where, headers=seen)):
            refused = await stale
            assert refused.status_code == 412
            assert "was changed since you read it" in refused.json()["detail"]
        assert (await http.request(method, where, json=change)).status_code == 200
        assert (await http.delete(where, headers={"If-Match": f'"{changed.json()["version"]}"'})).status_code == 204


@pytest.mark.parametrize("path", ["/api/nothing", "/livez", "/api/files/x"])
async def test_what_has_no_tag_is_not_kept(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"If-None-Match": "*"})
    assert answer.status_code != 304
    assert answer.headers["cache-control"] == "no-store"


async def test_a_text_with_a_zero_byte_is_the_fault_of_who_sends_it(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/uploads", json={"name": "a.mp4", "size": 26, "content_type": "\x00"})
    assert answer.status_code == 422
    assert "zero byte" in answer.json()["detail"]


class TestLimited:
    @pytest.fixture(autouse=True)
    def _slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rates = {RouteClass.READS: 1.0, RouteClass.WRITES: 0.5, RouteClass.EXPENSIVE: 0.5}
        monkeypatch.setattr(app_module, "limits_of", lambda _: RateLimits(rates, lambda: 0.0))

    async def test_who_asks_too_often_is_told_to_wait(self, http: httpx.AsyncClient) -> None:
        assert [(await http.get("/api/watches")).status_code for _ in range(4)] == [200, 200, 429, 429]
        refused = await http.get("/api/watches", headers={"X-Request-Id": "mine-4"})
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["request_id"] == "mine-4"
        assert refused.headers["retry-after"] == "1"
        assert refused.headers["ratelimit"] == '"reads";r=0;t=1'
        assert refused.headers["ratelimit-policy"] == '"reads";q=2;w=2'
        assert (await http.post("/api/nova/estimate-cost", json={})).status_code == 422

    async def test_health_is_answered_all_the_same(self, http: httpx.AsyncClient) -> None:
        for _ in range(5):
            await http.get("/api/watches")
        for route in router.routes:
            assert (await http.get(route.path)).status_code == 200  # type: ignore[attr-defined]
