"""Routes of the audit log: who changed what, listed, shown, and as a file to keep."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AwareDatetime

from services.search.audit import repository
from services.search.audit.exports import MEDIA_TYPES, Format, lines, told
from services.search.audit.schemas import AuditEntry, AuditLog, Method, Outcome
from services.search.openapi import documented
from services.search.replay.routes import read_position, write_position
from services.search.resources import Provided
from shared.clock import utc_now
from shared.subtitles import attachment

router = APIRouter(prefix="/api/audit", tags=["audit"])


def chosen_entries(
    actor: Annotated[str | None, Query(max_length=200, description="Of this person, by name.")] = None,
    method: Method | None = None,
    route: Annotated[str | None, Query(max_length=200, description="As it is declared: /api/batch/{action}.")] = None,
    about: Annotated[
        UUID | None,
        Query(description="With this id in its path, query, body or notes: of a file, a job, a person."),
    ] = None,
    outcome: Annotated[Outcome | None, Query(description="What became of it.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="At this time or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
) -> dict[str, Any]:
    """Which entries are meant."""
    wanted = {
        "actor": actor,
        "method": method,
        "route": route,
        "about": about,
        "outcome": outcome,
        "since": since,
        "until": until,
    }
    return {name: value for name, value in wanted.items() if value is not None}


Chosen = Annotated[dict[str, Any], Depends(chosen_entries)]


@router.get("", response_model=AuditLog)
async def list_entries(
    resources: Provided,
    wanted: Chosen,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> JSONResponse:
    """Who changed what, or was refused it, the latest first."""
    beyond = {"before": read_position(cursor)} if cursor else {}
    async with resources.platform.database.connection() as connection:
        found = await repository.page(connection, {**wanted, **beyond}, limit=limit + 1)
    following = write_position(found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"entries": [told(entry) for entry in found[:limit]], "next_cursor": following})


@router.get("/export", response_class=StreamingResponse, responses=documented(MEDIA_TYPES))
async def export_entries(
    resources: Provided,
    wanted: Chosen,
    format_: Annotated[Format, Query(alias="format", description="A line for each entry.")] = Format.JSONL,
) -> StreamingResponse:
    """All entries that are meant, as a file to keep."""
    headers = {"Content-Disposition": attachment(f"audit-{utc_now():%Y-%m-%d}.{format_}")}
    written = lines(resources.platform.database, wanted, format_)
    return StreamingResponse(written, media_type=MEDIA_TYPES[format_], headers=headers)


@router.get("/{entry_id}", response_model=AuditEntry)
async def get_entry(resources: Provided, entry_id: Annotated[int, Path(ge=1, lt=1 << 63)]) -> JSONResponse:
    """One entry."""
    async with resources.platform.database.connection() as connection:
        return JSONResponse(told(await repository.find(connection, entry_id)))
