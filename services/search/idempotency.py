"""Requests that may be sent twice, as where an answer was lost: a person's key names the job that the first one began.

The job's id follows from who asks, what for and the key, so that no second job can come of it, whatever happens in between.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Header

from services.search.identity.callers import Caller
from shared import jobs
from shared.database import Connection
from shared.errors import NotFound
from shared.identifiers import derived_id
from shared.jobs import Job

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key means the same job, begun and paid for once; with another request it is refused (422).",
    ),
]
"""A route's parameter for it."""


def job_named(asking: Caller, what: str, key: str | None) -> UUID | None:
    """The id of the job that this person's key means; None without a key, as every request is then a job of its own."""
    return derived_id(what, asking.name, key) if key else None


async def begun(connection: Connection, job_id: UUID | None) -> Job | None:
    """The job of an earlier request with this key; None if there was none."""
    if job_id is None:
        return None
    try:
        return await jobs.find(connection, job_id)
    except NotFound:
        return None
