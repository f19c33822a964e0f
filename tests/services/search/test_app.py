"""What every route has in common."""

import httpx
import pytest

from services.search.app import create_app
from services.search.guard import SECURITY_HEADERS

PATHS = {
    "/api/batch",
    "/api/batch/{action}",
    "/api/batch/{job_id}/cancel",
    "/api/batch/{job_id}/items",
    "/api/batch/{job_id}/retry",
    "/api/batch/{job_id}/status",
    "/api/dead-letters",
    "/api/dead-letters/resend",
    "/api/dead-letters/{letter_id}",
    "/api/dead-letters/{letter_id}/resend",
    "/api/events",
    "/api/events/log",
    "/api/events/log/{event_id}",
    "/api/events/replay",
    "/api/files",
    "/api/files/import-directory",
    "/api/files/rescan",
    "/api/files/{file_id}",
    "/api/files/{file_id}/analyses",
    "/api/files/{file_id}/analysis",
    "/api/files/{file_id}/frame",
    "/api/files/{file_id}/renditions/{name}",
    "/api/files/{file_id}/transcript.{extension}",
    "/api/files/{file_id}/transcripts",
    "/api/files/{file_id}/transcripts/chosen",
    "/api/files/{name}/{job_id}/apply",
    "/api/files/{name}/{job_id}/cancel",
    "/api/files/{name}/{job_id}/report",
    "/api/files/{name}/{job_id}/status",
    "/api/jobs/{job_id}",
    "/api/jobs/{job_id}/files",
    "/api/nova/analyze",
    "/api/nova/budgets",
    "/api/nova/budgets/{budget_id}",
    "/api/nova/cancel/{nova_job_id}",
    "/api/nova/embeddings",
    "/api/nova/embeddings/generate",
    "/api/nova/estimate-cost",
    "/api/nova/export",
    "/api/nova/image/analyze",
    "/api/nova/image/cancel/{nova_job_id}",
    "/api/nova/image/models",
    "/api/nova/image/results/{nova_job_id}",
    "/api/nova/image/status/{nova_job_id}",
    "/api/nova/models",
    "/api/nova/models/refresh",
    "/api/nova/results/{nova_job_id}",
    "/api/nova/results/{nova_job_id}/export",
    "/api/nova/stale",
    "/api/nova/stale/renew",
    "/api/nova/status/{nova_job_id}",
    "/api/nova/usage",
    "/api/proxies/reconcile",
    "/api/proxies/reconcile/{job_id}",
    "/api/proxies/reconcile/{job_id}/apply",
    "/api/proxies/reconcile/{job_id}/items",
    "/api/search",
    "/api/search/like",
    "/api/transcripts/{transcript_id}",
    "/api/transcripts/{transcript_id}/edits",
    "/api/transcripts/{transcript_id}/edits/{edit_id}/undo",
    "/api/transcripts/{transcript_id}/export",
    "/api/transcripts/{transcript_id}/segments",
    "/api/transcripts/{transcript_id}/segments/{segment_id}",
    "/api/transcripts/{transcript_id}/segments/{segment_id}/merge",
    "/api/transcripts/{transcript_id}/segments/{segment_id}/split",
    "/api/transcripts/{transcript_id}/speakers",
    "/api/uploads",
    "/api/uploads/{upload_id}",
    "/api/uploads/{upload_id}/complete",
    "/api/uploads/{upload_id}/parts",
    "/api/uploads/{upload_id}/parts/{number}/link",
    "/api/watches",
    "/api/watches/{watch_id}",
    "/reports/api/summary",
}


def test_the_description_tells_every_route_and_how_it_fails() -> None:
    paths = create_app().openapi()["paths"]
    assert set(paths) == PATHS
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
