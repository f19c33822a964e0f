"""Who asks is told, charged and limited by name, wherever somebody asks for something."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from nats.js import JetStreamContext

from services.nova.errands import errand_of
from services.nova.handlers import Resources, on_analysis_wanted
from services.search.identity.roles import Role
from services.search.replay.resending import named
from shared import bus
from shared.contracts import EmbeddingsRequested, Kind, NovaRequested, Stage
from shared.database import Database
from shared.identifiers import new_id
from shared.paying import budgets
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.analysed import add_call
from tests.support.asking import asked_for, dispatched, file_at, job_of
from tests.support.embedding import Local
from tests.support.identity import client_as
from tests.support.serving import served

pytestmark = pytest.mark.connected


@pytest.fixture
async def grace(paid: httpx.AsyncClient, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key of an editor whose name is grace."""
    async with client_as(paid, database, Role.EDITOR, name="grace") as client:
        yield client


@pytest.fixture
async def film(database: Database) -> UUID:
    """A film of ten seconds that is done in every stage."""
    async with database.transaction() as connection:
        return await file_at(connection, "/films/pond.mp4", duration=10.0)


async def answered(response: httpx.Response, status: int = 202) -> dict[str, Any]:
    assert response.status_code == status, response.text
    told: dict[str, Any] = response.json()
    return told


async def test_an_analysis_is_asked_for_in_the_name_of_who_asks(
    database: Database, grace: httpx.AsyncClient, film: UUID
) -> None:
    for path, ask in (
        ("/api/nova/analyze", {"file_id": str(film)}),
        ("/api/batch/nova", {"file_ids": [str(film)], "force": True}),
    ):
        begun = await answered(await grace.post(path, json=ask))
        job = await job_of(database, UUID(begun.get("nova_job_id") or begun["job_id"]))
        assert (job.asked_by, job.request["options"]["requested_by"]) == ("grace", "grace")


async def test_who_tries_again_pays(
    platform: Platform, database: Database, paid: httpx.AsyncClient, grace: httpx.AsyncClient, film: UUID
) -> None:
    begun = await answered(await grace.post("/api/batch/nova", json={"file_ids": [str(film)], "force": True}))
    job_id = UUID(begun["job_id"])
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO job_items (job_id, path_raw, path, file_id, kind, state) VALUES (%s, 'x', 'x', %s, 'video', 'failed')",
            (job_id, film),
        )
    again = await answered(await paid.post(f"/api/batch/{job_id}/retry", json={}))
    job = await job_of(database, UUID(again["job_id"]))
    assert (job.asked_by, job.request["options"]["requested_by"]) == ("admin", "admin")


async def test_a_budget_of_ones_own_limits_nobody_else(
    database: Database, paid: httpx.AsyncClient, grace: httpx.AsyncClient, film: UUID
) -> None:
    async with database.transaction() as connection:
        await budgets.create(connection, name="hers", period="day", usd=Decimal(0), requested_by="grace")
    refused = await answered(await grace.post("/api/nova/analyze", json={"file_id": str(film)}), 409)
    assert "hers" in refused["detail"]
    estimates = [
        (await client.post("/api/nova/estimate-cost", json={"file_ids": [str(film)]})).json() for client in (grace, paid)
    ]
    assert [[one["name"] for one in estimate["budgets"]] for estimate in estimates] == [["hers"], []]
    await answered(await paid.post("/api/nova/analyze", json={"file_id": str(film)}))


async def test_jobs_say_who_asked_for_them(paid: httpx.AsyncClient, grace: httpx.AsyncClient, tmp_path: Path) -> None:
    batch = (await answered(await grace.post("/api/batch/proxy", json={"filter": {}})))["job_id"]
    scan = (await answered(await grace.post("/api/files/import-directory", json={"path": str(tmp_path)})))["job_id"]
    rescan = (await answered(await grace.post("/api/files/rescan", json={"path": None})))["job_id"]
    upload = (await answered(await grace.post("/api/uploads", json={"name": "a.mp4", "size": 9}), 201))["job_id"]
    sent = (await answered(await grace.put("/api/uploads/b.mp4", content=b"abc")))["job_id"]
    mending = (await answered(await grace.post("/api/proxies/reconcile", json={})))["job_id"]
    embedding = (await answered(await grace.post("/api/nova/embeddings/generate", json={"filter": {}})))["job_id"]
    for path in (
        *(f"/api/jobs/{job_id}" for job_id in (batch, scan, rescan, upload, sent, mending, embedding)),
        f"/api/batch/{batch}/status",
        f"/api/files/import-directory/{scan}/status",
        f"/api/files/rescan/{rescan}/status",
        f"/api/proxies/reconcile/{mending}",
    ):
        assert (await paid.get(path)).json()["asked_by"] == "grace", path
    listed = (await paid.get("/api/batch")).json()["batches"]
    assert {one["asked_by"] for one in listed} == {"grace"}
    await grace.delete(f"/api/uploads/{upload}")


async def test_a_watched_folder_is_whose_it_is(paid: httpx.AsyncClient, grace: httpx.AsyncClient, tmp_path: Path) -> None:
    made = await answered(await grace.post("/api/watches", json={"path": str(tmp_path)}), 201)
    assert made["asked_by"] == "grace"
    assert [one["asked_by"] for one in (await paid.get("/api/watches")).json()["watches"]] == ["grace"]


async def test_a_query_is_embedded_in_the_name_of_who_searches(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, database: Database
) -> None:
    embedder = Local()
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats, lambda _: embedder) as http, client_as(http, database, Role.VIEWER, name="vera") as vera:
        await vera.get("/api/search", params={"q": "waterfall"})
        made = (await http.post("/api/searches", json={"name": "falls", "query": "q=falls"})).json()
        await http.get(f"/api/searches/{made['id']}/answer")
    assert embedder.queries == {"waterfall": "vera", "falls": "admin"}


async def test_the_first_analysis_is_in_the_name_of_who_brought_the_file_in(
    platform: Platform, database: Database, film: UUID
) -> None:
    job_id = await dispatched(platform, Stage.ANALYSE, file_ids=[film], force=True)
    async with database.transaction() as connection:
        await connection.execute("UPDATE jobs SET asked_by = 'grace' WHERE id = %s", (job_id,))
    [asked] = await asked_for(database, job_id)
    event = NovaRequested.model_validate(asked.body)
    assert "requested_by" not in event.options
    heard = list[str]()

    class Listening:
        async def analyse(self, _: object, errand: Any, __: object) -> Any:
            heard.append(errand.requested_by)
            raise RuntimeError("That is all.")

    with pytest.raises(RuntimeError):
        await on_analysis_wanted(event, Resources(database, platform.effects, Listening()))
    assert heard == ["grace"]


def test_an_analysis_that_is_sent_again_is_paid_by_who_sends_it() -> None:
    event = NovaRequested(
        file_id=new_id(), revision=1, kind=Kind.VIDEO, run_id=new_id(), options={"model": "pro", "requested_by": "grace"}
    )
    assert errand_of(named(event, "ada"), "local").requested_by == "ada"
    free = event.model_copy(update={"options": {}})
    assert named(free, "ada") == free
    other = EmbeddingsRequested(file_id=new_id(), revision=1, kind=Kind.VIDEO, run_id=new_id())
    assert named(other, "ada") == other


async def test_usage_is_told_by_name(paid: httpx.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        for name in ("grace", "ada", "grace"):
            await add_call(connection, usd=0.5, requested_by=name)
    for path in ("/reports/api/summary", "/api/nova/usage"):
        told = (await paid.get(path, params={"since": "2026-01-01"})).json()["by_user"]
        assert {one["key"]: one["usd"] for one in told} == {"grace": 1.0, "ada": 0.5}
