"""Routes of jobs: how far they are, and what became of each file."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from services.search.files import library
from services.search.resources import Provided
from services.search.schemas import JobFiles, JobProgress
from shared import jobs

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


@router.get("/{job_id}", response_model=JobProgress)
async def get_job(resources: Provided, job_id: UUID) -> JSONResponse:
    """How far a job is: its items, and its files by stage, with rate and time left."""
    return JSONResponse(await resources.how_far(job_id))


@router.get("/{job_id}/files", response_model=JobFiles)
async def get_job_files(resources: Provided, job_id: UUID) -> Response:
    """What became of each file of a job, those included that could not be taken in."""
    async with resources.platform.database.connection() as connection:
        await jobs.find(connection, job_id)
        files = await library.job_files(connection, job_id)
    return Response(f'{{"files":{files}}}', media_type="application/json")
