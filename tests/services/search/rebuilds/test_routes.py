"""Rebuilds are asked for, followed and called off over HTTP."""

from uuid import uuid4

import httpx
import pytest

from services.search.rebuilds.schemas import RebuildStatus
from shared import jobs
from shared.database import Database
from tests.support.imported import emitted
from tests.support.library import count

pytestmark = pytest.mark.connected

PATH = "/api/events/rebuild"


async def test_a_rebuild_is_a_job_with_its_event(http: httpx.AsyncClient, database: Database) -> None:
    answer = await http.post(PATH, json={"model": "search", "dry_run": True})
    assert answer.status_code == 202
    job_id = answer.json()["job_id"]
    status = RebuildStatus.model_validate_json((await http.get(f"{PATH}/{job_id}")).content)
    assert (status.state, status.phase, status.dry_run, status.finished) == ("pending", None, True, False)
    assert status.asked_by
    [(subject, body)] = await emitted(database, job_id)
    assert (subject, body) == ("rebuild.requested", {"job_id": job_id})


async def test_a_second_one_is_refused_and_told_of_the_first(http: httpx.AsyncClient, database: Database) -> None:
    job_id = (await http.post(PATH, json={"model": "search"})).json()["job_id"]
    refused = await http.post(PATH, json={"model": "search"})
    assert refused.status_code == 409
    assert job_id in refused.json()["detail"]
    assert await count(database, "jobs", "kind = 'rebuild'") == 1
    assert (await http.post(f"{PATH}/{job_id}/cancel", json={})).json()["state"] == "cancelled"
    assert (await http.post(PATH, json={"model": "search"})).status_code == 202


async def test_a_repeated_request_is_answered_as_the_first_was(http: httpx.AsyncClient, database: Database) -> None:
    key = {"Idempotency-Key": "once"}
    first = await http.post(PATH, json={"model": "search"}, headers=key)
    again = await http.post(PATH, json={"model": "search"}, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    other = await http.post(PATH, json={"model": "search", "dry_run": True}, headers=key)
    assert (other.status_code, "Idempotency-Key" in other.json()["detail"]) == (422, True)
    assert len(await emitted(database, first.json()["job_id"])) == 1
    await http.post(f"{PATH}/{first.json()['job_id']}/cancel", json={})
    assert (await http.post(PATH, json={"model": "search"})).json() != first.json()
    assert (await http.post(PATH, json={"model": "search"}, headers=key)).json() == first.json()


async def test_how_far_it_is(http: httpx.AsyncClient, database: Database) -> None:
    job_id = (await http.post(PATH, json={"model": "search"})).json()["job_id"]
    async with database.transaction() as connection:
        await jobs.start(connection, job_id)
        await connection.execute(
            """
            UPDATE jobs SET progress = '{"phase": "indexing", "files": 9, "built": 9, "copied": 40, "kept": 2, "made": 1,
                "lacking": 0, "usd": 0.0, "eta_seconds": 3.5, "index": {"name": "moments_words", "share": 0.5}}'
            """
        )
    status = RebuildStatus.model_validate_json((await http.get(f"{PATH}/{job_id}")).content)
    assert (status.phase, status.files, status.files_done, status.eta_seconds) == ("indexing", 9, 9, 3.5)
    assert (status.vectors.copied, status.vectors.from_ledger, status.vectors.made) == (40, 2, 1)
    assert status.index is not None
    assert status.index.share == 0.5


async def test_only_rebuilds_are_told_of_and_called_off(http: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        other = await jobs.create(connection, "import", {})
    for job_id in (uuid4(), other):
        assert (await http.get(f"{PATH}/{job_id}")).status_code == 404
        assert (await http.post(f"{PATH}/{job_id}/cancel", json={})).status_code == 404
    assert (await http.post(PATH, json={"model": "files"})).status_code == 422
