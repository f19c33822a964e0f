"""Requests that may be sent twice, as where an answer was lost: a person's key names what the first one began.

The id of the job, or of what else is made, follows from who asks, what for and the key, so that no second one can come of it,
whatever happens in between.
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
        description="The same key means the same request, carried out and paid for once; another is refused (422).",
    ),
]
"""A route's parameter for it."""


def id_named(asking: Caller, what: str, key: str | None) -> UUID | None:
    """The id of what this person's key means; None without a key, as every request is then one of its own."""
    return derived_id(what, asking.name, key) if key else None


async def begun(connection: Connection, job_id: UUID | None) -> Job | None:
    """The job of an earlier request with this key; None if there was none."""
    if job_id is None:
        return None
    try:
        return await jobs.find(connection, job_id)
    except NotFound:
        return None
