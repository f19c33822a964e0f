"""Routes of analyses: asked for, followed, called off, and what came of them; of videos and sound, and of images."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search.audit.notes import Noting
from services.search.batches import changes as batches_changes
from services.search.http import cursors
from services.search.http.idempotency import Key, id_named
from services.search.identity.asking import Asking
from services.search.nova import asking as asking_for
from services.search.nova import runs
from services.search.nova.choosing import PATHS
from services.search.nova.results import result_of
from services.search.nova.schemas import AnalysisStatus, AnalyzeAccepted, AnalyzeAsk, Result, Results
from services.search.nova.standing import word
from services.search.nova.status import find_analysis, look_at, standing_of
from services.search.resources import Provided
from shared.contracts import Kind
from shared.database import Connection
from shared.errors import Conflict, NotFound

router = APIRouter(prefix="/api/nova", tags=["nova"])

NOT_LISTED = "The analysis has not begun; GET /api/nova/status tells when it has. Ask for its results then."

Page = Annotated[int, Query(ge=1, le=100, description="Of an analysis of several files: so many at a time.")]
Raw = Annotated[bool, Query(description="Whether to tell the answers as they came, too.")]


@router.post("/analyze", status_code=202, response_model=AnalyzeAccepted)
async def analyze(resources: Provided, asking: Asking, notes: Noting, ask: AnalyzeAsk, key: Key = None) -> JSONResponse:
    """Have videos or sound files analysed; refused before it costs anything if the model cannot, or a budget is too small."""
    begun = await asking_for.begin(
        resources, ask, PATHS[Kind.VIDEO], asking.name, id_named(asking, f"nova {PATHS[Kind.VIDEO]}", key)
    )
    notes.add_job(begun)
    return JSONResponse(begun, 202)


@router.post("/image/analyze", status_code=202, response_model=AnalyzeAccepted)
async def analyze_image(resources: Provided, asking: Asking, notes: Noting, ask: AnalyzeAsk, key: Key = None) -> JSONResponse:
    """Have images analysed: description, elements, classification and metadata, in one call for each."""
    begun = await asking_for.begin(
        resources, ask, PATHS[Kind.IMAGE], asking.name, id_named(asking, f"nova {PATHS[Kind.IMAGE]}", key)
    )
    notes.add_job(begun)
    return JSONResponse(begun, 202)


@router.get("/status/{nova_job_id}", response_model=AnalysisStatus)
@router.get("/image/status/{nova_job_id}", response_model=AnalysisStatus)
async def get_status(resources: Provided, nova_job_id: UUID) -> JSONResponse:
    """How far an analysis is, what it waits for, and what it has cost by now."""
    look = partial(look_at, nova_job_id, resources.platform.database)
    return JSONResponse(await resources.looks.at(("nova", nova_job_id), look))


@router.post("/cancel/{nova_job_id}", response_model=AnalysisStatus)
@router.post("/image/cancel/{nova_job_id}", response_model=AnalysisStatus)
async def cancel(resources: Provided, nova_job_id: UUID) -> JSONResponse:
    """Call an analysis off: calls under way are brought to their ends, since they are paid; nothing more is asked."""
    async with resources.platform.database.connection() as connection:
        await find_analysis(connection, nova_job_id)
    await batches_changes.cancel(resources.platform.effects, nova_job_id)
    return JSONResponse(await look_at(nova_job_id, resources.platform.database))


@router.get("/results/{nova_job_id}", response_model=Result | Results)
@router.get("/image/results/{nova_job_id}", response_model=Result | Results)
async def get_results(
    resources: Provided,
    nova_job_id: UUID,
    raw: Raw = True,
    limit: Page = 20,
    cursor: Annotated[str | None, Query(max_length=12_000, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """What was found out, with evidence, cost and raw answers: of one file as it is, of several as pages of `files`."""
    async with resources.platform.database.connection() as connection:
        job = await find_analysis(connection, nova_job_id)
        if job.listed_at is None and job.finished_at is None:
            raise Conflict(NOT_LISTED)
        counts, moving = await runs.counts(connection, job.id), await runs.moving(connection, job.id)
        after = cursors.read_place(cursor) if cursor else b""
        found = await runs.files(connection, job.id, after=after, limit=limit + 1)
        told = await results_of(connection, found[:limit], job.id, raw=raw)
        status = word(standing_of(job, counts, moving, await runs.working(connection, job.id)))
    if counts.total == 1 and told:
        return JSONResponse({**told[0], "status": status, "estimate": told[0]["estimate"] or job.progress.get("cost")})
    following = cursors.write_place(found[limit - 1]["path_raw"]) if len(found) > limit else None
    return JSONResponse({"nova_job_id": str(job.id), "status": status, "files": told, "next_cursor": following})


async def results_of(
    connection: Connection, found: list[dict[str, Any]], job_id: UUID | None, *, raw: bool
) -> list[dict[str, Any]]:
    """The results of these files."""
    run_ids = [file["run_id"] for file in found if file["run_id"]]
    calls: dict[UUID, list[dict[str, Any]]] = {}
    for call in await runs.calls(connection, run_ids, answers=raw):
        calls.setdefault(call["analysis_run_id"], []).append(call)
    return [
        result_of(file, calls.get(file["run_id"], []), await runs.paid_before(connection, file["run_id"]), job_id=job_id)
        for file in found
    ]


files_router = APIRouter(prefix="/api/files", tags=["nova"])


@files_router.get("/{file_id}/analysis")
async def get_analysis(resources: Provided, file_id: UUID) -> JSONResponse:
    """A file's analysis as it is now: section by section the best that was found out, and who found it."""
    async with resources.platform.database.connection() as connection:
        row = await runs.current(connection, file_id)
    if row is None:
        raise NotFound("file", file_id)
    if row["analysis_id"] is None:
        raise NotFound("analysis of the file", file_id)
    return JSONResponse(
        {
            "file_id": str(file_id),
            **{name: row[name] and str(row[name]) for name in ("analysis_id", "run_id")},
            "nova_job_id": row["job_id"] and str(row["job_id"]),
            "outdated": row["outdated"],
            "created_at": row["created_at"].isoformat(),
            **row["result"],
        }
    )


@files_router.get("/{file_id}/analyses")
async def list_analyses(
    resources: Provided,
    file_id: UUID,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """The runs about a file, the latest first: what was asked of which model, what came of it, what it cost."""
    before = cursors.read(cursor).last if cursor else None
    async with resources.platform.database.connection() as connection:
        if await runs.current(connection, file_id) is None:
            raise NotFound("file", file_id)
        found = await runs.of_file(connection, file_id, before=before, limit=limit + 1)
    following = cursors.write(cursors.Cursor(found[limit - 1]["run_id"], 0)) if len(found) > limit else None
    return JSONResponse({"analyses": [told_run(run) for run in found[:limit]], "next_cursor": following})


def told_run(run: dict[str, Any]) -> dict[str, Any]:
    """A run as the API tells it."""
    times = {name: run[name] and run[name].isoformat() for name in ("started_at", "finished_at")}
    ids = {"run_id": str(run["run_id"]), "nova_job_id": run["job_id"] and str(run["job_id"])}
    rest = {name: value for name, value in run.items() if name != "job_id"}
    return {**rest, **ids, **times, "usd": float(run["usd"])}
