"""How far a job is, looked up and put together as the API tells it."""

from typing import Any
from uuid import UUID

from services.search.files import library
from services.search.jobs.progress import WINDOW, describe
from shared import jobs
from shared.clock import utc_now
from shared.database import Database


async def look_at(job_id: UUID, database: Database) -> dict[str, Any]:
    """How far the job is now; raises NotFound."""
    async with database.connection() as connection:
        job = await jobs.find(connection, job_id)
        items = await jobs.item_counts(connection, job_id)
        stages = await library.job_stages(connection, job_id, window=WINDOW)
    return describe(job, items, stages, utc_now())
