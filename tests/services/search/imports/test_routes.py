"""Routes of imports and rescans on the real database; the ingest service's handlers are run by hand."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.ingest.handlers import Resources, on_import_approved, on_import_requested
from services.ingest.inspection.pool import Pool
from services.ingest.settings import IngestSettings
from services.search.imports.schemas import ScanReport, ScanState, ScanStatus
from services.search.jobs import looks
from services.search.schemas import JobAccepted
from shared.contracts import ImportApproved, ImportRequested
from shared.database import Database
from shared.service import Platform
from tests.support.imports import Library
from tests.support.library import count
from tests.support.media import tiny_photo

pytestmark = pytest.mark.connected


@pytest.fixture
async def library(platform: Platform) -> AsyncIterator[Library]:
    async with Pool(IngestSettings().limits, processes=1, patience=30.0) as pool:
        yield Library(Resources(platform, pool))


@pytest.fixture
async def folder(library: Library, tmp_path: Path) -> Path:
    """Three photos that are known, of which one is renamed and one gone; two new ones and an empty one."""
    for colour in ("red", "green", "blue"):
        tiny_photo(tmp_path / f"{colour}.jpg", colour=colour)
    await library.ingest(tmp_path)
    (tmp_path / "red.jpg").rename(tmp_path / "scarlet.jpg")
    (tmp_path / "blue.jpg").unlink()
    for colour in ("gold", "teal"):
        tiny_photo(tmp_path / f"{colour}.jpg", colour=colour)
    (tmp_path / "empty.jpg").touch()
    return tmp_path


async def asked(http: httpx.AsyncClient, name: str, **request: Any) -> UUID:
    response = await http.post(f"/api/files/{name}", json=request)
    assert response.status_code == 202, response.text
    return JobAccepted.model_validate_json(response.content).job_id


async def reported(http: httpx.AsyncClient, library: Library, folder: Path) -> UUID:
    job_id = await asked(http, "rescan", path=str(folder))
    await on_import_requested(ImportRequested(job_id=job_id), library.resources)
    return job_id


async def status(http: httpx.AsyncClient, job_id: UUID, name: str = "rescan") -> ScanStatus:
    response = await http.get(f"/api/files/{name}/{job_id}/status")
    assert response.status_code == 200, response.text
    return ScanStatus.model_validate_json(response.content)


async def report(http: httpx.AsyncClient, job_id: UUID, name: str = "rescan", **params: Any) -> ScanReport:
    response = await http.get(f"/api/files/{name}/{job_id}/report", params=params)
    assert response.status_code == 200, response.text
    return ScanReport.model_validate_json(response.content)


async def test_an_import_is_a_job_with_its_event(database: Database, http: httpx.AsyncClient, tmp_path: Path) -> None:
    job_id = await asked(http, "import-directory", path=str(tmp_path))
    assert await count(database, "jobs", f"id = '{job_id}' AND kind = 'import' AND request->>'path' = '{tmp_path}'") == 1
    assert await count(database, "jobs", f"id = '{job_id}' AND (request->>'apply')::boolean") == 1
    assert await count(database, "outbox", f"subject = 'import.requested' AND key = '{job_id}'") == 1
    begun = await status(http, job_id, "import-directory")
    assert (begun.state, begun.phase, begun.progress.total) == ("pending", "scanning", None)
    assert begun.progress.eta_basis == "The job has not begun."


@pytest.mark.parametrize("path", ["/no/such/folder", "relative", "", "/tmp/\x00", "x" * 5000, "/" + "x" * 4000])
async def test_an_import_of_nothing_is_refused_in_words(database: Database, http: httpx.AsyncClient, path: str) -> None:
    response = await http.post("/api/files/import-directory", json={"path": path})
    assert response.status_code == 422
    assert await count(database, "jobs") == 0


@pytest.mark.parametrize("path", ["relative", "", "/tmp/\x00", "/tmp/../etc", "x" * 5000])
async def test_a_rescan_of_what_is_no_path_is_refused_in_words(database: Database, http: httpx.AsyncClient, path: str) -> None:
    response = await http.post("/api/files/rescan", json={"path": path})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert await count(database, "jobs") == 0


async def test_an_import_must_be_sent_as_json(database: Database, http: httpx.AsyncClient, tmp_path: Path) -> None:
    body = f'{{"path": "{tmp_path}"}}'
    response = await http.post("/api/files/import-directory", content=body, headers={"content-type": "text/plain"})
    assert response.status_code == 415
    assert (
        await http.post("/api/files/import-directory", content="{", headers={"content-type": "application/json"})
    ).status_code == 422
    assert await count(database, "jobs") == 0


async def test_a_rescan_reports_and_waits(http: httpx.AsyncClient, library: Library, folder: Path) -> None:
    job_id = await reported(http, library, folder)
    found = await status(http, job_id)
    assert (found.state, found.phase, found.path, found.applied) == ("reported", "reported", str(folder), 0)
    assert {change: number for change, number in found.counts.items() if number} == {
        "renamed": 1, "missing": 1, "new": 2, "unreadable": 1, "unchanged": 1,
    }  # fmt: skip
    assert found.progress.eta_basis == "Nothing is left to do until the report is applied."
    assert [error.path for error in found.errors] == [str(folder / "empty.jpg")]
    assert "0 bytes" in found.errors[0].reason

    items = {Path(item.path).name: item for item in (await report(http, job_id)).items}
    renamed = items["scarlet.jpg"]
    assert (renamed.change, renamed.from_path, renamed.kind, renamed.state) == (
        "renamed", str(folder / "red.jpg"), "image", "pending",
    )  # fmt: skip
    assert renamed.size == (folder / "scarlet.jpg").stat().st_size
    assert renamed.file_id is not None
    assert items["gold.jpg"].file_id is None


async def test_a_report_comes_by_the_page_and_by_change(http: httpx.AsyncClient, library: Library, folder: Path) -> None:
    job_id = await reported(http, library, folder)
    names, cursor = [], None
    while True:
        page = await report(http, job_id, limit=2, **({"cursor": cursor} if cursor else {}))
        names += [Path(item.path).name for item in page.items]
        assert len(page.items) <= 2
        cursor = page.next_cursor
        if cursor is None:
            break
    assert names == ["blue.jpg", "empty.jpg", "gold.jpg", "scarlet.jpg", "teal.jpg"]
    chosen = await report(http, job_id, change=["new", "missing"])
    assert [Path(item.path).name for item in chosen.items] == ["blue.jpg", "gold.jpg", "teal.jpg"]


async def test_a_part_of_a_report_is_applied(http: httpx.AsyncClient, library: Library, folder: Path) -> None:
    job_id = await reported(http, library, folder)
    assert (await status(http, job_id)).state == "reported"
    response = await http.post(
        f"/api/files/rescan/{job_id}/apply", json={"changes": ["new", "renamed"], "except": [str(folder / "teal.jpg")]}
    )
    assert response.status_code == 202, response.text
    assert ScanState.model_validate_json(response.content).state == "running"
    assert ((begun := await status(http, job_id)).state, begun.phase) == ("running", "applying")
    await on_import_approved(ImportApproved(job_id=job_id), library.resources)
    assert set(await library.files()) == {"scarlet.jpg", "green.jpg", "gold.jpg", "blue.jpg"}
    assert (await library.files())["blue.jpg"]["missing_since"] is None

    again = await http.post(f"/api/files/rescan/{job_id}/apply", json={})
    assert again.status_code == 409
    assert again.json()["detail"] == "This rescan has ended already (done); start another to see what there is to apply."


async def test_everything_is_applied_unless_something_is_selected(
    http: httpx.AsyncClient, library: Library, folder: Path
) -> None:
    job_id = await asked(http, "rescan")
    await on_import_requested(ImportRequested(job_id=job_id), library.resources)
    assert (await http.post(f"/api/files/rescan/{job_id}/apply", json={})).status_code == 202
    await on_import_approved(ImportApproved(job_id=job_id), library.resources)
    ended = await status(http, job_id)
    assert (ended.state, ended.phase, ended.applied, ended.path) == ("done", "done", 4, None)


async def test_what_was_counted_before_an_approval_is_no_answer_after_it(
    http: httpx.AsyncClient, library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "SHARE", 1e-6)  # every look is good for hours
    job_id = await reported(http, library, folder)
    assert (await status(http, job_id)).applied == 0
    await http.post(f"/api/files/rescan/{job_id}/apply", json={})
    await on_import_approved(ImportApproved(job_id=job_id), library.resources)
    assert (await status(http, job_id)).applied == 4


async def test_a_job_that_is_still_scanning_cannot_be_applied(http: httpx.AsyncClient, tmp_path: Path) -> None:
    job_id = await asked(http, "import-directory", path=str(tmp_path), apply=False)
    response = await http.post(f"/api/files/import-directory/{job_id}/apply", json={})
    assert response.status_code == 409
    assert "has no report that waits" in response.json()["detail"]


async def test_a_job_is_called_off_once(http: httpx.AsyncClient, tmp_path: Path) -> None:
    job_id = await asked(http, "import-directory", path=str(tmp_path))
    response = await http.post(f"/api/files/import-directory/{job_id}/cancel", json={})
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    again = await http.post(f"/api/files/import-directory/{job_id}/cancel", json={})
    assert again.status_code == 409
    assert again.json()["detail"] == "This import has ended already (cancelled); there is nothing to cancel."
    assert (await status(http, job_id, "import-directory")).progress.eta_basis == "The job has ended."


async def test_a_job_is_found_under_its_own_kind_alone(http: httpx.AsyncClient, tmp_path: Path) -> None:
    job_id = await asked(http, "import-directory", path=str(tmp_path))
    for identifier in (job_id, uuid4()):
        for method, path in (("GET", "status"), ("GET", "report"), ("POST", "cancel"), ("POST", "apply")):
            response = await http.request(
                method, f"/api/files/rescan/{identifier}/{path}", json={} if method == "POST" else None
            )
            assert response.status_code == 404, path


async def test_a_cursor_of_somebody_else_is_refused(http: httpx.AsyncClient, tmp_path: Path) -> None:
    job_id = await asked(http, "import-directory", path=str(tmp_path))
    response = await http.get(f"/api/files/import-directory/{job_id}/report", params={"cursor": "n"})
    assert response.status_code == 422
