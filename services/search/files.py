"""Routes of the library's files."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.search import cursors, library
from services.search.queries import fit
from services.search.resources import Provided
from services.search.schemas import FileDetail, FilePage
from shared.blobs import LINK_LIFETIME
from shared.contracts import Kind, Stage
from shared.selection import Filter, Status

router = APIRouter(prefix="/api/files", tags=["files"])


@router.get("", response_model=FilePage)
async def list_files(
    resources: Provided,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
    kind: Kind | None = None,
    status: Annotated[Status | None, Query(description="State of the file over all stages.")] = None,
    q: Annotated[str | None, Query(max_length=500, description="Part of the path.")] = None,
    folder: Annotated[str | None, Query(max_length=4096, description="A folder, in full.")] = None,
    missing: Annotated[Stage | None, Query(description="A stage that has no result for the file.")] = None,
) -> Response:
    """Files, the latest first."""
    q, folder = (fit(text) if text else None for text in (q, folder))
    wanted = Filter(kind=kind, status=status, q=q, folder=folder, missing=missing)
    at = cursors.read(cursor) if cursor else None
    async with resources.platform.database.connection() as connection:
        page = await library.list_files(connection, wanted, before=at.last if at else None, limit=limit)
        total = at.total if at else await library.count_files(connection, wanted)
    following = cursors.write(cursors.Cursor(page.last, total)) if page.more and page.last else None
    body = f'{{"files":{page.files},"next_cursor":{json.dumps(following)},"total":{total}}}'
    return Response(body, media_type="application/json")


@router.get("/{file_id}", response_model=FileDetail)
async def get_file(resources: Provided, file_id: UUID) -> JSONResponse:
    """Everything about a file, with links to its renditions that work for an hour."""
    async with resources.platform.database.connection() as connection:
        row = await library.find_file(connection, file_id)
    renditions = row["renditions"] or []
    links = await asyncio.to_thread(lambda: [resources.platform.blobs.link(rendition["key"]) for rendition in renditions])
    return JSONResponse(
        {
            **row["file"],
            "metadata": row["metadata"],
            "renditions": {
                rendition["name"]: _linked(rendition, link) for rendition, link in zip(renditions, links, strict=True)
            },
            "transcript": row["transcript"],
            "analysis": row["analysis"],
        }
    )


@router.get("/{file_id}/renditions/{name}", status_code=307, response_class=RedirectResponse)
async def get_rendition(resources: Provided, file_id: UUID, name: str) -> RedirectResponse:
    """Leads to the bytes of a rendition: `proxy`, `thumbnail` or `audio`."""
    async with resources.platform.database.connection() as connection:
        key = await library.rendition_key(connection, file_id, fit(name))
    link = await asyncio.to_thread(resources.platform.blobs.link, key)
    # The link outlives what a browser keeps of it.
    return RedirectResponse(link, 307, {"Cache-Control": f"private, max-age={LINK_LIFETIME // 2}"})


def _linked(rendition: dict[str, Any], link: str) -> dict[str, Any]:
    return {"url": link, **{name: value for name, value in rendition.items() if name not in ("name", "key")}}
