"""Routes of exports: what an analysis found, or what is known of all files that match a filter, as a file to keep."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.search.nova.export_rows import FILES_OF_JOB, OF_JOB
from services.search.nova.exports import MEDIA_TYPES, Format, exported
from services.search.nova.filters import Chosen
from services.search.nova.status import find_analysis
from services.search.openapi import documented
from services.search.resources import Provided
from shared import selection
from shared.clock import utc_now

router = APIRouter(prefix="/api/nova", tags=["nova"])

FormatOf = Annotated[Format, Query(alias="format", description="json has everything; xlsx a sheet for each kind of result.")]


@router.get("/results/{nova_job_id}/export", response_class=StreamingResponse, responses=documented(MEDIA_TYPES))
async def export_results(resources: Provided, nova_job_id: UUID, format_: FormatOf = Format.JSON) -> StreamingResponse:
    """The analyses of the files that a job has finished, with what the job paid for them."""
    database = resources.platform.database
    async with database.connection() as connection:
        await find_analysis(connection, nova_job_id)
    values = {"job_id": nova_job_id}
    return await exported(database, format_, FILES_OF_JOB, values, name=f"analysis-{nova_job_id}", calls=OF_JOB)


@router.get("/export", response_class=StreamingResponse, responses=documented(MEDIA_TYPES))
async def export_selection(resources: Provided, wanted: Chosen, format_: FormatOf = Format.JSON) -> StreamingResponse:
    """The analyses of all files that match the filter, with everything that was ever paid for them."""
    condition, values = selection.conditions(wanted)
    return await exported(resources.platform.database, format_, condition, values, name=f"analyses-{utc_now():%Y-%m-%d}")
