"""Moments have pictures: tiles of the sprite that the proxy service makes."""

from uuid import UUID, uuid4

import httpx
import pytest

from services.proxy.sprite import sheet, webvtt
from services.search.schemas import Frame, SearchAnswer
from services.search.sprites import tile_at, tiles
from shared.blobs import Blobs
from shared.database import Database
from tests.support.footage import add_searchable

SPRITE = (
    "INSERT INTO renditions (file_id, name, revision, key, content_type, bytes) VALUES (%s, 'sprite_vtt', 1, %s, 'text/vtt', 9)"
)
FILE = uuid4()


def cues(file_id: UUID = FILE, tiles: int = 12) -> str:
    return webvtt(sheet(tiles, 320, 180), [at * 300.0 for at in range(tiles)], tiles * 300.0, file_id)


def test_every_cue_of_the_proxy_service_is_a_tile() -> None:
    found = list(tiles(cues()))
    assert len(found) == 12
    assert (found[11].x, found[11].y, found[11].width, found[11].height) == (160, 90, 160, 90)
    assert (found[0].start, found[11].end) == (0.0, 3600.0)


@pytest.mark.parametrize(("seconds", "start"), [(0, 0), (299.9, 0), (300, 300), (3599, 3300), (9999, 3300)])
def test_a_time_is_shown_by_the_tile_that_began_last(seconds: float, start: float) -> None:
    tile = tile_at(cues(), seconds)
    assert tile is not None
    assert tile.start == start
    assert tile.image == f"/api/files/{FILE}/renditions/sprite"


def test_without_cues_there_is_no_tile() -> None:
    assert tile_at("WEBVTT\n", 1) is None


@pytest.mark.connected
async def test_a_moment_leads_to_its_frame(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    film = await add_searchable(database, "Hello.", "The waterfall runs.")
    await add_searchable(database, "A waterfall without pictures.")
    key = f"proxy/{film.id}/sprite.vtt"
    await blobs.put(key, cues(film.id, tiles=1).encode(), "text/vtt")
    async with database.connection() as connection:
        await connection.execute(SPRITE, (film.id, key))
    answer = SearchAnswer.model_validate_json((await http.get("/api/search", params={"q": "waterfall"})).content)
    frames = {moment.file_id: moment.frame for moment in answer.moments if moment.field == "transcript"}
    link = frames.pop(film.id)
    assert link == f"/api/files/{film.id}/frame?t=6.0"
    assert set(frames.values()) == {None}
    frame = Frame.model_validate_json((await http.get(link)).content)
    assert (frame.image, frame.x, frame.start, frame.end) == (f"/api/files/{film.id}/renditions/sprite", 0, 0.0, 300.0)
    assert (await http.get(f"/api/files/{uuid4()}/frame")).status_code == 404
