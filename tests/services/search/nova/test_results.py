"""What analyses found and cost, on the real database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.nova import runs
from services.nova.errands import errand_of
from services.nova.handlers import Resources, on_analysis_wanted
from services.nova.local.analyst import LocalAnalyst
from services.search.nova.schemas import Result, Results
from shared import stages
from shared.contracts import Kind, NovaRequested, Stage, StageState
from shared.database import Database
from shared.service import Platform
from tests.services.search.nova.asking import analyze, dispatch_of, problem
from tests.support.analysed import AT, add_analysis, add_call, add_run, made_by, result
from tests.support.asking import asked_for
from tests.support.library import about

pytestmark = pytest.mark.connected


LATER = AT + timedelta(seconds=5)


async def finished(platform: Platform, database: Database, paid: httpx.AsyncClient, file_id: UUID, **asked: Any) -> UUID:
    """A job about a file that is done, with a run, an analysis and two calls; its id."""
    job_id = (await analyze(paid, file_id=file_id, **asked)).nova_job_id
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        run_id = await add_run(connection, file_id, job_id, analyses=asked.get("analysis_types", ("summary", "chapters")))
        await add_analysis(connection, file_id, run_id)
        await add_call(connection, file_id, run_id, usd=0.25, answer={"output": "raw"})
        await add_call(connection, file_id, run_id, purpose="repair", state="refused", usd=0, tokens=(0, 0), at=LATER)
        await stages.settle(connection, about(file_id, run_id=job_id), Stage.ANALYSE, StageState.DONE)
    return job_id


async def test_results_tell_what_was_asked_with_cost_and_raw_answers(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = await finished(platform, database, paid, library["film"])
    told = Result.model_validate_json((await paid.get(f"/api/nova/results/{job_id}")).content)
    assert (told.status, told.model, told.prompt_version, told.file_id) == ("done", "2-lite", "nova-1", library["film"])
    assert told.summary == result()["summary"]
    assert told.chapters == result()["chapters"]
    assert (told.elements, told.waterfall_classification) == (None, None)
    assert told.made == made_by("2-lite", "nova-1", "summary", "chapters", "search_metadata")
    assert told.metadata is not None
    assert told.metadata["search_metadata"] == told.search_metadata
    assert told.metadata["exif"]["source"] == "exif"
    assert (told.cost.usd, told.cost.cached, told.cost.usd_saved_by_cache) == (0.25, False, 0.0)
    assert [(call.purpose, call.state, call.usd) for call in told.cost.calls] == [
        ("analysis", "answered", 0.25),
        ("repair", "refused", 0.0),
    ]
    assert [raw.answer for raw in told.raw] == [{"output": "raw"}]
    assert told.tokens == {"input_tokens": 900, "output_tokens": 300, "cache_read_tokens": 0, "cache_write_tokens": 0}
    assert Result.model_validate_json((await paid.get(f"/api/nova/results/{job_id}?raw=false")).content).raw == []


async def test_a_result_that_cost_nothing_says_what_it_had_cost(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    await finished(platform, database, paid, library["film"])
    job_id = (await analyze(paid, file_id=library["film"])).nova_job_id
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        at = datetime(2026, 8, 2, tzinfo=UTC)
        await add_run(connection, library["film"], job_id, analyses=("summary", "chapters"), at=at)
        await stages.settle(connection, about(library["film"], run_id=job_id), Stage.ANALYSE, StageState.DONE)
    told = Result.model_validate_json((await paid.get(f"/api/nova/results/{job_id}")).content)
    assert (told.cost.usd, told.cost.cached, told.cost.usd_saved_by_cache) == (0.0, True, 0.25)
    assert told.summary is not None


async def test_a_failure_shows_the_raw_answer(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = (await analyze(paid, file_id=library["film"])).nova_job_id
    await dispatch_of(platform, job_id)
    async with database.transaction() as connection:
        run_id = await add_run(connection, library["film"], job_id, state="failed", reason="It is no JSON.")
        await add_call(connection, library["film"], run_id, answer="nonsense")
        await stages.settle(
            connection, about(library["film"], run_id=job_id), Stage.ANALYSE, StageState.FAILED, "It is no JSON."
        )
    told = Result.model_validate_json((await paid.get(f"/api/nova/results/{job_id}")).content)
    assert (told.status, told.error, told.summary, told.made) == ("failed", "It is no JSON.", None, None)
    assert [raw.answer for raw in told.raw] == ["nonsense"]


async def test_results_of_several_files_come_in_pages(
    platform: Platform, database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = (await analyze(paid, file_ids=[library["film"], library["clip"]])).nova_job_id
    assert "has not begun" in await problem(await paid.get(f"/api/nova/results/{job_id}"), 409)
    await dispatch_of(platform, job_id)
    first = Results.model_validate_json((await paid.get(f"/api/nova/results/{job_id}?limit=1")).content)
    assert ([one.path for one in first.files], first.status) == (["/a/clip.mp4"], "pending")
    cursor: dict[str, str | int] = {"limit": 1, "cursor": first.next_cursor or ""}
    second = Results.model_validate_json((await paid.get(f"/api/nova/results/{job_id}", params=cursor)).content)
    assert ([one.path for one in second.files], second.next_cursor) == (["/a/film.mp4"], None)


async def test_a_file_tells_its_analysis_and_the_runs_about_it(
    database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    film = library["film"]
    await problem(await http.get(f"/api/files/{film}/analysis"), 404)
    async with database.transaction() as connection:
        old = await add_run(connection, film, at=datetime(2026, 7, 1, tzinfo=UTC), state="failed", reason="No.")
        run_id = await add_run(connection, film)
        await add_analysis(connection, film, run_id)
        await add_call(connection, film, run_id, usd=0.5)
    told = (await http.get(f"/api/files/{film}/analysis")).json()
    assert (told["run_id"], told["outdated"], told["summary"]) == (str(run_id), False, result()["summary"])
    first = (await http.get(f"/api/files/{film}/analyses?limit=1")).json()
    assert [(run["run_id"], run["usd"], run["kept"]) for run in first["analyses"]] == [(str(run_id), 0.5, True)]
    rest = (await http.get(f"/api/files/{film}/analyses", params={"cursor": first["next_cursor"]})).json()
    assert [(run["run_id"], run["reason"], run["kept"]) for run in rest["analyses"]] == [(str(old), "No.", False)]
    await problem(await http.get(f"/api/files/{uuid4()}/analyses"), 404)


async def test_what_the_nova_service_writes_is_what_is_read(
    platform: Platform, database: Database, http: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    job_id = (await analyze(http, file_id=library["film"], analysis_types=["summary"])).nova_job_id
    await dispatch_of(platform, job_id)
    [asked] = await asked_for(database, job_id)
    resources = Resources(database, platform.effects, LocalAnalyst())
    await on_analysis_wanted(NovaRequested.model_validate(asked.body), resources)
    told = Result.model_validate_json((await http.get(f"/api/nova/results/{job_id}")).content)
    assert (told.status, told.model, told.cost.usd, told.cost.cached) == ("done", "local", 0.0, False)
    assert (told.analysis_types, set(told.made or {})) == (["summary"], {"summary", "search_metadata"})
    assert told.search_metadata is not None


async def test_what_the_nova_service_notes_of_a_run_says_whether_it_need_be_asked_again(
    database: Database, paid: httpx.AsyncClient, library: dict[str, UUID]
) -> None:
    options: dict[str, Any] = {"model": "2-lite", "summary_depth": "brief", "language": "de", "combined": False}
    event = NovaRequested(file_id=library["film"], revision=1, kind=Kind.VIDEO, run_id=uuid4(), options=options)
    async with database.transaction() as connection:
        errand = errand_of(event, "local")
        await runs.begin(connection, event, errand)
        await runs.end(connection, errand.run_id, "done")
    for changed, cached in (({}, 1), ({"combined": True}, 0), ({"summary_depth": "detailed"}, 0), ({"language": "en"}, 0)):
        asked = {"file_ids": [str(library["film"])], "options": {**options, **changed}}
        told = (await paid.post("/api/nova/estimate-cost", json=asked)).json()
        assert told["cached_files"] == cached, changed
