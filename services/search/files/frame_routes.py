"""The picture of a moment: which tile of the file's sprite it is, and the tile itself, cut out."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.search.files import library
from services.search.files.sheets import Place
from services.search.files.sprites import tile_at
from services.search.http.conditions import names, tag
from services.search.http.problems import problem
from services.search.resources import Provided, Resources
from services.search.schemas import Frame
from shared.blobs import LINK_LIFETIME
from shared.errors import NotFound

router = APIRouter(prefix="/api/files", tags=["files"])

SECONDS = "Seconds into the video."
KEPT = f"private, max-age={LINK_LIFETIME // 2}"
"""As long as the links of renditions: a file whose content changes has other pictures at the same addresses."""
NO_PICTURE = "This file has no picture: sound has none, and a video or image has one once its proxies are made."
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture, cut out of the sprite.", "content": {"image/jpeg": {}}},
    307: {"description": "Leads to the thumbnail."},
}


@router.get("/{file_id}/frame", response_model=Frame)
async def get_frame(
    resources: Provided, file_id: UUID, t: Annotated[float, Query(ge=0, le=1e9, description=SECONDS)] = 0.0
) -> JSONResponse:
    """Where on the file's sprite the frame nearest before a time is."""
    async with resources.platform.database.connection() as connection:
        key = await library.rendition_key(connection, file_id, "sprite_vtt")
    tile = tile_at((await resources.platform.blobs.get(key)).decode(), t)
    if tile is None:
        raise NotFound("frame of a file", file_id)
    return JSONResponse(asdict(tile))


@router.get("/{file_id}/frame.jpg", response_class=Response, responses=PICTURE)
async def get_frame_picture(
    resources: Provided,
    file_id: UUID,
    request: Request,
    t: Annotated[float | None, Query(ge=0, le=1e9, description=SECONDS)] = None,
) -> Response:
    """The frame nearest before a time as a picture; without a time, or without a sprite, the file's thumbnail."""
    async with resources.platform.database.connection() as connection:
        pictures = await library.pictures_of(connection, file_id)
    if t is not None and pictures.sprite and pictures.cues and pictures.made_at:
        place = Place(pictures.sprite, pictures.cues, pictures.made_at)
        return await picture_at(resources, place, t, request.headers.get("if-none-match"))
    if pictures.thumbnail is None:
        return problem(404, NO_PICTURE)
    link = await asyncio.to_thread(resources.platform.blobs.link, pictures.thumbnail)
    return RedirectResponse(link, 307, {"Cache-Control": KEPT})


async def picture_at(resources: Resources, place: Place, seconds: float, known: str | None) -> Response:
    """The picture of a time, unless the client knows it."""
    sheet = await resources.sheets.at(place)
    tile = sheet.at(seconds)
    if tile is None:
        return problem(404, NO_PICTURE)
    headers = {"Cache-Control": KEPT, "ETag": tag(repr((place, tile)).encode())}
    if names(known, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(sheet.cut, tile), media_type="image/jpeg", headers=headers)
