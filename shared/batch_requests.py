"""What can be asked for on many files: the request of a batch, which files it means, and its beginning."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from shared import outbox, selection
from shared.analyses import NOBODY, options_of
from shared.answered import answered
from shared.contracts import BatchRequested, Kind, Priority, Stage
from shared.database import Connection
from shared.errors import KeyReused
from shared.identifiers import new_id
from shared.selection import Filter

MOST_FILES = 20_000
"""Files that a request may name one by one: what fits into the largest body that the gateway takes; beyond it, use a filter."""
SOMEBODY_WAITS = 10
"""Up to so many files named one by one are taken to be ones for which a person waits."""

NOT_ONE = "Say which files are meant in one way: by file_ids, or by a filter (an empty one means every file)."

CREATE = """
    INSERT INTO jobs (id, kind, request, asked_by) VALUES (%(id)s, %(kind)s, %(request)s, %(asked_by)s)
    ON CONFLICT (id) DO NOTHING
"""

REQUEST = "SELECT kind, request FROM jobs WHERE id = %(id)s"

# What failed in a batch, and what a reconciliation found to be wrong with the renditions of files.
CONDITIONS = {
    "file_ids": "files.id = ANY(%(file_ids)s::uuid[])",
    "retry_of": "files.id IN (SELECT file_id FROM job_items WHERE job_id = %(retry_of)s AND state = 'failed')",
    "mend_of": "files.id IN (SELECT file_id FROM job_items WHERE job_id = %(mend_of)s AND state = 'done')",
}


class BatchRequest(BaseModel):
    """The request of a job about one stage of many files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_FILES)] | None = None
    filter: Filter | None = None
    retry_of: UUID | None = Field(None, description="A batch of which the files that failed are meant.")
    mend_of: UUID | None = Field(None, description="A reconciliation of which the files that are to be mended are meant.")
    kinds: tuple[Kind, ...] | None = Field(None, description="Only files of these kinds.")
    force: bool = Field(False, description="Whether files that have a result already are done again.")
    unanswered: Literal[True] | None = Field(
        None, description="Of analyses: those are left out of which a model has said just that before, whatever `force` says."
    )
    priority: Priority = Priority.BULK
    options: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.file_ids, self.filter, self.retry_of, self.mend_of)) != 1:
            raise ValueError(NOT_ONE)
        return self


def priority_for(file_ids: tuple[UUID, ...] | None) -> Priority:
    """How urgent a request is that does not say so: a person waits for a few files, nobody for everything that matches."""
    return Priority.INTERACTIVE if file_ids and len(file_ids) <= SOMEBODY_WAITS else Priority.BULK


def selected(request: BatchRequest) -> tuple[sql.Composable, dict[str, Any]]:
    """The files that are meant, as a condition on `files`, and the values that it names."""
    condition, values = _meant(request)
    if request.kinds is None:
        return condition, values
    kinds = {"kinds": [str(kind) for kind in request.kinds]}
    return sql.SQL("{} AND files.kind = ANY(%(kinds)s::text[])").format(condition), {**values, **kinds}


def _meant(request: BatchRequest) -> tuple[sql.Composable, dict[str, Any]]:
    if request.filter is not None:
        return selection.conditions(request.filter)
    way = next(name for name in CONDITIONS if getattr(request, name) is not None)
    value = getattr(request, way)
    return sql.SQL(CONDITIONS[way]), {way: list(value) if way == "file_ids" else value}


def unfinished(request: BatchRequest, stage: Stage) -> sql.Composable:
    """Which of them the stage has work with, as a condition on `files`: all if forced, else those without a result."""
    if request.unanswered:
        return sql.SQL("NOT {}").format(answered(options_of(request.options)))
    return sql.SQL("true") if request.force else sql.SQL("NOT {}").format(selection.processed(stage))


async def begin(
    connection: Connection,
    stage: Stage,
    request: BatchRequest,
    *,
    source: str,
    job_id: UUID | None = None,
    asked_by: str = NOBODY,
) -> UUID:
    """A new job about a stage, requested by way of the service `source`; its id.

    Under an id that is given, the same request is the same job; raises KeyReused if another request was made under it.
    """
    identifier = job_id or new_id()
    written = request.model_dump_json(exclude_none=True)
    values = {"id": identifier, "kind": stage, "request": written, "asked_by": asked_by}
    cursor = await connection.execute(CREATE, values)
    if cursor.rowcount == 0:
        await _require_same(connection, identifier, stage, request)
    else:
        await outbox.enqueue(connection, BatchRequested(job_id=identifier), source=source)
    return identifier


async def _require_same(connection: Connection, job_id: UUID, stage: Stage, request: BatchRequest) -> None:
    cursor = await connection.execute(REQUEST, {"id": job_id})
    row = await cursor.fetchone()
    assert row is not None
    if row[0] != stage or BatchRequest.model_validate(row[1]) != request:
        raise KeyReused
