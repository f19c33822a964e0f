"""Routes of the library's files."""

import asyncio
import json
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.search.files import library
from services.search.http import cursors
from services.search.moments.queries import fit
from services.search.nova.filters import Chosen
from services.search.resources import Provided, Resources
from services.search.schemas import FileDetail, FilePage
from shared.blobs import LINK_LIFETIME

router = APIRouter(prefix="/api/files", tags=["files"])


@router.get("", response_model=FilePage)
async def list_files(
    resources: Provided,
    wanted: Chosen,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
) -> Response:
    """Files, the latest first."""
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
            **{name: row[name] for name in ("analysis", "tags", "collections")},
        }
    )


@router.get("/{file_id}/renditions/{name}", status_code=307, response_class=RedirectResponse)
async def get_rendition(resources: Provided, file_id: UUID, name: str) -> RedirectResponse:
    """Leads to the bytes of a rendition: `proxy`, `thumbnail` or `audio`."""
    return await led_to(resources, file_id, name, resources.platform.blobs.link)


@router.head("/{file_id}/renditions/{name}", status_code=307, response_class=RedirectResponse, include_in_schema=False)
async def head_rendition(resources: Provided, file_id: UUID, name: str) -> RedirectResponse:
    """Leads to where the size of a rendition is told."""
    return await led_to(resources, file_id, name, resources.platform.blobs.head_link)


async def led_to(resources: Resources, file_id: UUID, name: str, link_to: Callable[[str], str]) -> RedirectResponse:
    """The way to a rendition in the object store, by a link that this makes; raises NotFound."""
    async with resources.platform.database.connection() as connection:
        key = await library.rendition_key(connection, file_id, fit(name))
    link = await asyncio.to_thread(link_to, key)
    # The link outlives what a browser keeps of it.
    return RedirectResponse(link, 307, {"Cache-Control": f"private, max-age={LINK_LIFETIME // 2}"})


def _linked(rendition: dict[str, Any], link: str) -> dict[str, Any]:
    return {"url": link, **{name: value for name, value in rendition.items() if name not in ("name", "key")}}
