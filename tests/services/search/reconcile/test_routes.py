"""Routes of the accord of object store and library."""

from uuid import UUID, uuid4

import httpx
import pytest

from services.search.batches.schemas import BatchItems
from services.search.reconcile.schemas import Change, ReconcileStatus
from services.search.schemas import JobAccepted
from shared.database import Database
from tests.support.library import count

pytestmark = pytest.mark.connected

ITEM = """
    INSERT INTO job_items (job_id, path_raw, path, size, change, reason)
    SELECT %s, convert_to(path, 'UTF8'), path, size, change, 'So it is.'
    FROM (VALUES ('proxy/a', 10, 'orphan'), ('proxy/b', 5, 'orphan'), ('/c.mp4', 7, 'missing')) AS found (path, size, change)
"""
REPORTED = 'UPDATE jobs SET state = \'reported\', progress = \'{"objects": 5, "bytes": 90, "renditions": 4}\' WHERE id = %s'


async def begin(http: httpx.AsyncClient, *, apply: bool = False) -> UUID:
    response = await http.post("/api/proxies/reconcile", json={"apply": apply})
    assert response.status_code == 202, response.text
    return JobAccepted.model_validate_json(response.content).job_id


async def status(http: httpx.AsyncClient, job_id: UUID) -> ReconcileStatus:
    return ReconcileStatus.model_validate_json((await http.get(f"/api/proxies/reconcile/{job_id}")).content)


@pytest.fixture
async def reported(database: Database, http: httpx.AsyncClient) -> UUID:
    job_id = await begin(http)
    async with database.transaction() as connection:
        await connection.execute(ITEM, (job_id,))
        await connection.execute(REPORTED, (job_id,))
    return job_id


async def test_a_request_is_a_job_with_its_event(database: Database, http: httpx.AsyncClient) -> None:
    job_id = await begin(http, apply=True)
    told = await status(http, job_id)
    assert (told.state, told.apply, told.compared, told.found, told.finished) == ("pending", True, None, {}, False)
    assert await count(database, "outbox", f"subject = 'reconcile.requested' AND key = '{job_id}'") == 1


async def test_a_report_tells_what_differs(http: httpx.AsyncClient, reported: UUID) -> None:
    told = await status(http, reported)
    assert told.compared is not None
    assert (told.compared.objects, told.compared.renditions) == (5, 4)
    orphans = told.found[Change.ORPHAN]
    assert (orphans.count, orphans.bytes, orphans.pending, orphans.examples) == (2, 15, 2, ["proxy/a", "proxy/b"])
    assert set(told.found) == {Change.ORPHAN, Change.MISSING}
    response = await http.get(f"/api/proxies/reconcile/{reported}/items", params={"change": "missing"})
    [item] = BatchItems.model_validate_json(response.content).items
    assert (item.path, item.change, item.reason) == ("/c.mp4", "missing", "So it is.")


async def test_only_what_is_chosen_is_applied_and_only_once(
    database: Database, http: httpx.AsyncClient, reported: UUID
) -> None:
    path = f"/api/proxies/reconcile/{reported}/apply"
    response = await http.post(path, json={"kinds": ["orphan"]})
    assert (response.status_code, response.json()) == (202, {"job_id": str(reported), "state": "running"})
    assert await count(database, "job_items", "state = 'pending' AND change = 'orphan'") == 2
    assert await count(database, "job_items", "state = 'skipped' AND change = 'missing'") == 1
    assert await count(database, "outbox", "subject = 'reconcile.approved'") == 1
    again = await http.post(path, json={})
    assert again.status_code == 409
    assert "no report that waits" in again.json()["detail"]


async def test_all_is_applied_unless_it_is_said(database: Database, http: httpx.AsyncClient, reported: UUID) -> None:
    assert (await http.post(f"/api/proxies/reconcile/{reported}/apply", json={})).status_code == 202
    assert await count(database, "job_items", "state = 'pending'") == 3


async def test_what_is_no_reconciliation_is_not_found(database: Database, http: httpx.AsyncClient) -> None:
    batch = (await http.post("/api/batch/proxy", json={"filter": {}})).json()["job_id"]
    for job_id in (uuid4(), batch):
        assert (await http.get(f"/api/proxies/reconcile/{job_id}")).status_code == 404
        assert (await http.get(f"/api/proxies/reconcile/{job_id}/items")).status_code == 404
        assert (await http.post(f"/api/proxies/reconcile/{job_id}/apply", json={})).status_code == 404
    assert (await http.post("/api/proxies/reconcile", json={"apply": "perhaps"})).status_code == 422
