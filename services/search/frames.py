"""GET /api/files/{file_id}/frame: the picture of a moment, as a tile of the file's sprite."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.search import library
from services.search.resources import Provided
from services.search.schemas import Frame
from services.search.sprites import tile_at
from shared.errors import NotFound

router = APIRouter(prefix="/api/files", tags=["files"])


@router.get("/{file_id}/frame", response_model=Frame)
async def get_frame(
    resources: Provided, file_id: UUID, t: Annotated[float, Query(ge=0, le=1e9, description="Seconds into the video.")] = 0.0
) -> JSONResponse:
    """Where on the file's sprite the frame nearest before a time is."""
    async with resources.platform.database.connection() as connection:
        key = await library.rendition_key(connection, file_id, "sprite_vtt")
    tile = tile_at((await resources.platform.blobs.get(key)).decode(), t)
    if tile is None:
        raise NotFound("frame of a file", file_id)
    return JSONResponse(asdict(tile))
