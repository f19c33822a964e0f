"""Analyses asked for, refused, followed, called off, on the real database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.nova.schemas import AnalysisStatus, AnalyzeAccepted
from shared import stages
from shared.contracts import Stage, StageState
from shared.database import Database
from shared.paying import budgets
from shared.service import Platform
from tests.services.search.nova.asking import analyze, budget, dispatch_of, problem
from tests.support.analysed import AT, add_call, add_run
from tests.support.asking import asked_for, items_of, job_of
from tests.support.library import about, count
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


async def status(http: httpx.AsyncClient, job_id: UUID) -> AnalysisStatus:
    response = await http.get(f"/api/nova/status/{job_id}")
    assert response.status_code == 200, response.text
    return AnalysisStatus.model_validate_json(response.content)


async def become(http: httpx.AsyncClient, job_id: UUID, word: str) -> AnalysisStatus:
    """The status once it is this: what took a while to look up is told again for ten times as long."""

    async def is_so() -> bool:
        return (await status(http, job_id)).status == word

    await until_so(is_so)
    return await status(http, job_id)


async def test_an_analysis_is_begun_with_what_it_may_cost(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    begun = await analyze(paid, file_id=library["film"], analysis_types=["summary"], options={"summary_depth": "brief"})
    assert (begun.status, begun.file_id, begun.model, begun.total_files) == ("pending", library["film"], "2-lite", 1)
    assert begun.cost.input_tokens_by_modality.video == 600 * 288
    assert begun.cost.usd_high > begun.cost.usd_low > 0.05
    await dispatch_of(platform, begun.nova_job_id)
    [asked] = await asked_for(database, begun.nova_job_id)
    options = {"model": "2-lite", "analysis_types": ["summary"], "summary_depth": "brief", "requested_by": "admin"}
    assert (asked.subject, asked.body["options"], asked.body["priority"]) == ("nova.requested", options, "interactive")


async def test_another_model_is_asked_by_name_and_rules_cost_nothing(http: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    named = await analyze(http, file_id=library["clip"], model="lite")
    assert (named.model, named.cost.usd_high > 0) == ("lite", True)
    local = await analyze(http, file_ids=[library["clip"], library["song"]])
    assert (local.model, local.file_id, local.total_files, local.cost.usd_high) == ("local", None, 2, 0.0)
    assert "cost nothing" in local.cost.notes[0]
    wrong = {"file_id": str(library["clip"]), "analysis_types": ["description"]}
    assert "about a video" in await problem(await http.post("/api/nova/analyze", json=wrong), 422)
    spoken = await http.post("/api/batch/transcript-summary", json={"filter": {"folder": "/a"}, "force": True})
    assert "summed up by a model" in await problem(spoken, 422)


@pytest.mark.parametrize(
    ("path", "file", "body", "code", "told"),
    [
        ("analyze", "photo", {}, 422, "POST /api/nova/image/analyze"),
        ("image/analyze", "clip", {}, 422, "POST /api/nova/analyze"),
        ("analyze", "clip", {"model": "premier"}, 422, "retired"),
        ("analyze", "clip", {"model": "micro"}, 422, "text"),
        ("analyze", "clip", {"model": "gpt"}, 422, "2-lite"),
        ("analyze", "clip", {"analysis_types": ["description"]}, 422, "cannot be found out about a video"),
        ("analyze", "clip", {"analysis_types": ["colour"]}, 422, "analysis_types"),
        ("analyze", "clip", {"options": {"colour": 1}}, 422, "no analysis option"),
        ("analyze", "clip", {"options": {"requested_by": "me"}}, 422, "requested_by"),
        ("analyze", "clip", {"options": {"model": "lite"}, "model": "lite"}, 422, "beside the options"),
        ("analyze", "clip", {"options": {"processing_mode": "batch"}}, 422, "ask with realtime"),
        ("analyze", "new", {}, 409, "first way"),
        ("analyze", None, {}, 422, "which file"),
        ("analyze", "clip", {"file_ids": [str(uuid4())]}, 422, "which file"),
    ],
)
async def test_what_cannot_be_done_is_refused_before_anything_is_begun(
    database: Database,
    paid: httpx.AsyncClient,
    library: dict[str, UUID],
    path: str,
    file: str | None,
    body: dict[str, Any],
    code: int,
    told: str,
) -> None:
    named = {"file_id": str(library[file])} if file else {}
    assert told in await problem(await paid.post(f"/api/nova/{path}", json={**named, **body}), code)
    assert await count(database, "jobs") == 0


async def test_a_file_that_nobody_knows_is_not_found(paid: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    unknown = str(uuid4())
    asked = {"file_ids": [str(library["film"]), unknown]}
    assert unknown in await problem(await paid.post("/api/nova/analyze", json=asked), 404)


async def test_a_budget_refuses_by_name_and_the_same_key_is_not_refused_by_itself(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    await budget(database, "daily", 0.05)
    asked = {"file_id": str(library["film"])}
    refusal = await problem(await paid.post("/api/nova/analyze", json=asked), 409)
    assert '"daily"' in refusal
    assert await count(database, "jobs") == 0
    first = await analyze(paid, key="once", file_id=library["clip"])
    async with database.transaction() as connection:
        await add_call(connection, library["clip"], usd=0.05, at=datetime.now(UTC))
    assert await analyze(paid, key="once", file_id=library["clip"]) == first
    assert '"daily"' in await problem(await paid.post("/api/nova/analyze", json={"file_id": str(library["clip"])}), 409)
    other = await paid.post("/api/nova/analyze", json={"file_id": str(library["song"])}, headers={"Idempotency-Key": "once"})
    assert other.status_code in {409, 422}
    assert await count(database, "jobs") == 1


async def test_what_was_answered_costs_nothing_again_unless_it_is_to_be_fresh(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    await budget(database, "daily", 0)
    async with database.transaction() as connection:
        await add_run(connection, library["film"])
        await add_run(connection, library["clip"], version="nova-0")
    again = await analyze(paid, file_id=library["film"])
    assert (again.cost.usd_high, again.cost.cached_files) == (0.0, 1)
    for body in (
        {"file_id": str(library["film"]), "options": {"fresh": True}},
        {"file_id": str(library["film"]), "options": {"language": "de"}},
        {"file_id": str(library["film"]), "options": {"combined": False}},
        {"file_id": str(library["film"]), "model": "lite"},
        {"file_id": str(library["clip"])},
    ):
        assert '"daily"' in await problem(await paid.post("/api/nova/analyze", json=body), 409), body


async def test_images_are_analysed_by_a_path_of_their_own(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    response = await paid.post("/api/nova/image/analyze", json={"file_id": str(library["photo"])})
    begun = AnalyzeAccepted.model_validate_json(response.content)
    assert begun.cost.input_tokens_by_modality.image > 200
    await dispatch_of(platform, begun.nova_job_id)
    told = (await paid.get(f"/api/nova/image/status/{begun.nova_job_id}")).json()
    assert (told["status"], told["file_id"]) == ("pending", str(library["photo"]))


async def test_the_status_follows_the_run(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    begun = await analyze(paid, file_id=library["film"])
    job_id = begun.nova_job_id
    told = await status(paid, job_id)
    assert (told.status, told.progress_percent, told.waiting_for) == ("pending", 0.0, "The files are still being listed.")
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        run_id = await add_run(connection, library["film"], job_id, state="waiting", reason="It is throttled.", chunks=(1, 4))
        await add_call(connection, library["film"], run_id, usd=0.25)
        await add_call(connection, library["film"], run_id, state="begun", usd=None)
    told = await become(paid, job_id, "waiting")
    assert (told.waiting_for, told.progress_percent) == ("It is throttled.", 25.0)
    assert (told.current_chunk, told.total_chunks) == (2, 4)
    assert (told.cost.usd, told.cost.usd_reserved, told.cost.calls) == (0.25, 0.02, 2)
    assert told.estimate == begun.cost
    assert (told.started_at, told.model) == (AT, "2-lite")
    async with database.transaction() as connection:
        await connection.execute("UPDATE analysis_runs SET state = 'running', reason = NULL")
    assert (await become(paid, job_id, "running")).waiting_for is None
    async with database.transaction() as connection:
        await stages.settle(connection, about(library["film"], run_id=job_id), Stage.ANALYSE, StageState.FAILED, "Not allowed.")
    told = await become(paid, job_id, "failed")
    assert (told.error, told.progress_percent, told.finished) == ("Not allowed.", 100.0, True)


async def test_an_analysis_can_be_called_off(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = (await analyze(paid, file_ids=[library["film"], library["clip"]])).nova_job_id
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        await stages.settle(connection, about(library["clip"], run_id=job_id), Stage.ANALYSE, StageState.DONE)
    assert (await status(paid, job_id)).progress_percent == 50.0
    told = AnalysisStatus.model_validate_json((await paid.post(f"/api/nova/cancel/{job_id}", json={})).content)
    assert (told.status, told.files.done, told.files.skipped, told.progress_percent) == ("cancelled", 1, 1, 100.0)
    assert (await job_of(database, job_id)).state == "cancelled"


async def test_only_analyses_have_a_status(paid: httpx.AsyncClient, library: dict[str, UUID]) -> None:
    batch = (await paid.post("/api/batch/proxy", json={"filter": {}})).json()["job_id"]
    for path in (f"status/{batch}", f"results/{batch}", f"status/{uuid4()}", f"results/{batch}/export"):
        await problem(await paid.get(f"/api/nova/{path}"), 404)
    await problem(await paid.post(f"/api/nova/cancel/{batch}", json={}), 404)


async def test_batches_of_analyses_are_priced_and_kept_within_budgets(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    async with database.transaction() as connection:
        await add_run(connection, library["film"])
    accepted = (await paid.post("/api/batch/nova", json={"filter": {"folder": "/a"}})).json()
    assert (accepted["total_files"], accepted["excluded"]["processed"], accepted["model"]) == (1, 1, "2-lite")
    assert 0 < accepted["cost"]["usd_high"] < 0.05
    assert (await paid.get(f"/api/batch/{accepted['job_id']}/status")).json()["force"] is False
    await dispatch_of(platform, UUID(accepted["job_id"]))
    assert list(await items_of(database, UUID(accepted["job_id"]))) == ["/a/clip.mp4"]
    forced = (await paid.post("/api/batch/nova", json={"filter": {"folder": "/a"}, "force": True})).json()
    assert (forced["total_files"], forced["cost"]["cached_files"]) == (2, 1)
    mixed = await paid.post("/api/batch/nova", json={"filter": {}, "options": {"model": "micro"}})
    assert "takes text only" in await problem(mixed, 422)
    impossible = await paid.post("/api/batch/nova", json={"filter": {}, "options": {"analysis_types": ["chapters"]}})
    assert "about an image" in await problem(impossible, 422)
    await budget(database, "daily", 0)
    assert '"daily"' in await problem(await paid.post("/api/batch/nova", json={"filter": {"folder": "/a"}}), 409)


async def test_trying_again_is_paid_again_and_kept_within_budgets(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = UUID((await paid.post("/api/batch/nova", json={"filter": {"folder": "/a"}})).json()["job_id"])
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        for name, state in (("film", StageState.FAILED), ("clip", StageState.DONE)):
            await stages.settle(connection, about(library[name], run_id=job_id), Stage.ANALYSE, state)
    again = (await paid.post(f"/api/batch/{job_id}/retry", json={})).json()
    assert (again["total_files"], again["model"], again["cost"]["usd_high"] > 0.05) == (1, "2-lite", True)
    await budget(database, "daily", 0)
    assert '"daily"' in await problem(await paid.post(f"/api/batch/{job_id}/retry", json={}), 409)


async def test_a_transcript_summary_is_an_action_of_its_own(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    async with database.transaction() as connection:
        await add_run(connection, library["film"], analyses=("transcript_summary",))
    accepted = (await paid.post("/api/batch/transcript-summary", json={"filter": {"status": "done"}})).json()
    assert (accepted["total_files"], accepted["image_count"], accepted["audio_count"]) == (2, 0, 1)
    job_id = UUID(accepted["job_id"])
    await dispatch_of(platform, job_id)
    asked = await asked_for(database, job_id)
    assert {one.body["options"]["analysis_types"][0] for one in asked} == {"transcript_summary"}
    plain = (await paid.post("/api/batch/nova", json={"filter": {"folder": "/a"}})).json()["job_id"]
    listed = {batch["job_id"]: batch["action"] for batch in (await paid.get("/api/batch")).json()["batches"]}
    assert listed == {str(job_id): "transcript-summary", plain: "nova"}
    told = (await paid.get(f"/api/batch/{job_id}/status")).json()
    assert told["action"] == "transcript-summary"
    wrong = await paid.post("/api/batch/transcript-summary", json={"filter": {}, "options": {"analysis_types": ["summary"]}})
    assert "one analysis" in await problem(wrong, 422)


async def test_words_heard_since_are_summed_up_anew(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    async with database.transaction() as connection:
        await add_run(connection, library["film"], analyses=("transcript_summary",))
        await connection.execute(
            "INSERT INTO transcripts (id, file_id, revision, model, language, duration) VALUES (%s, %s, 1, 'tiny', 'en', 9)",
            (uuid4(), library["film"]),
        )
    asked = {"file_ids": [str(library["film"])]}
    assert (await paid.post("/api/batch/transcript-summary", json=asked)).json()["total_files"] == 1


async def test_a_person_cannot_spend_beyond_a_budget_of_their_own(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    async with database.transaction() as connection:
        await budgets.create(connection, name="theirs", period="day", usd=Decimal(0), requested_by="somebody")
    assert (await analyze(paid, file_id=library["clip"])).status == "pending"
