"""Routes of jobs: how far they are, and what became of each file."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from services.search import library
from services.search.progress import WINDOW, describe
from services.search.resources import Provided
from services.search.schemas import JobFiles, JobProgress
from shared import jobs
from shared.clock import utc_now
from shared.database import Database

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


@router.get("/{job_id}", response_model=JobProgress)
async def get_job(resources: Provided, job_id: UUID) -> JSONResponse:
    """How far a job is: its items, and its files by stage, with rate and time left."""
    return JSONResponse(await resources.looks.at(job_id, partial(look_at, job_id, resources.platform.database)))


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the job is now; raises NotFound."""
    async with database.connection() as connection:
        job = await jobs.find(connection, job_id)
        items = await jobs.item_counts(connection, job_id)
        stages = await library.job_stages(connection, job_id, window=WINDOW)
    return describe(job, items, stages, utc_now())


@router.get("/{job_id}/files", response_model=JobFiles)
async def get_job_files(resources: Provided, job_id: UUID) -> Response:
    """What became of each file of a job, those included that could not be taken in."""
    async with resources.platform.database.connection() as connection:
        await jobs.find(connection, job_id)
        files = await library.job_files(connection, job_id)
    return Response(f'{{"files":{files}}}', media_type="application/json")
