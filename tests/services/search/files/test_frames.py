"""Moments have pictures: tiles of the sprite that the proxy service makes."""

import asyncio
import io
from collections.abc import Sequence
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from services.proxy.sprite import sheet, webvtt
from services.search.files.sheets import Place, Sheets
from services.search.files.sprites import tile_at, tiles
from services.search.schemas import Frame, SearchAnswer
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import Kind
from shared.database import Database
from tests.support.footage import add_searchable

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes) VALUES (%s, %s, 1, %s, 'image/jpeg', %s)
    ON CONFLICT (file_id, name) DO UPDATE SET key = excluded.key
"""
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


COLOURS = [(250, 20, 20), (20, 250, 20), (20, 20, 250)]


def colour_of(body: bytes) -> tuple[int, int, int]:
    """Which of the colours a picture is, as JPEG gives back about what went in."""
    with Image.open(io.BytesIO(body)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 90))
        pixel = picture.convert("RGB").getpixel((80, 45))
    assert isinstance(pixel, tuple)
    return min(COLOURS, key=lambda colour: sum(abs(one - other) for one, other in zip(colour, pixel, strict=True)))


def sprite(colours: Sequence[tuple[int, int, int]] = COLOURS) -> bytes:
    """A sheet with a tile of each colour."""
    of = sheet(len(colours), 320, 180)
    made, written = Image.new("RGB", of.size), io.BytesIO()
    for at, colour in enumerate(colours):
        left, top = of.place(at)
        made.paste(colour, (left, top, left + of.width, top + of.height))
    made.save(written, "JPEG", quality=90)
    return written.getvalue()


async def add_rendition(database: Database, blobs: Blobs, file_id: UUID, name: str, body: bytes) -> str:
    """Store a rendition; its key."""
    key = f"proxy/{file_id}/{name}"
    await blobs.put(key, body, "image/jpeg")
    async with database.connection() as connection:
        await connection.execute(RENDITION, (file_id, name, key, len(body)))
    return key


async def add_sprite(
    database: Database, blobs: Blobs, file_id: UUID, colours: Sequence[tuple[int, int, int]] = COLOURS
) -> None:
    await add_rendition(database, blobs, file_id, "sprite_vtt", cues(file_id, tiles=len(colours)).encode())
    await add_rendition(database, blobs, file_id, "sprite", sprite(colours))


@pytest.mark.connected
async def test_a_moment_leads_to_its_picture(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    film = await add_searchable(database, "Hello.", "The waterfall runs.", thumbnail=True)
    unseen = await add_searchable(database, "A waterfall that nobody filmed.", kind=Kind.AUDIO)
    other = await add_searchable(database, "A waterfall whose proxies have no sprite.", thumbnail=True)
    await add_sprite(database, blobs, film.id)
    answer = SearchAnswer.model_validate_json((await http.get("/api/search", params={"q": "waterfall"})).content)
    frames = {moment.file_id: moment.frame for moment in answer.moments if moment.field == "transcript"}
    assert frames == {
        film.id: f"/api/files/{film.id}/frame.jpg?t=6.0",
        other.id: f"/api/files/{other.id}/frame.jpg",
        unseen.id: None,
    }
    assert colour_of((await http.get(frames[film.id] or "")).content) == COLOURS[0]
    frame = Frame.model_validate_json((await http.get(f"/api/files/{film.id}/frame", params={"t": 6})).content)
    assert (frame.image, frame.x, frame.start, frame.end) == (f"/api/files/{film.id}/renditions/sprite", 0, 0.0, 300.0)
    assert (await http.get(f"/api/files/{uuid4()}/frame")).status_code == 404


@pytest.mark.connected
async def test_a_time_has_the_picture_of_its_tile(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    film = await add_searchable(database, "The waterfall runs.")
    await add_sprite(database, blobs, film.id)
    path = f"/api/files/{film.id}/frame.jpg"
    seen = [colour_of((await http.get(path, params={"t": t})).content) for t in (0, 299.9, 300, 650, 99999)]
    assert seen == [COLOURS[0], COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[2]]
    answer = await http.get(path, params={"t": 310})
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("private, max-age=")
    again = await http.get(path, params={"t": 320}, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b""), "another time of the same tile"
    assert (await http.get(path, params={"t": 10}, headers={"If-None-Match": answer.headers["etag"]})).status_code == 200


@pytest.mark.connected
async def test_new_proxies_have_new_pictures(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    film = await add_searchable(database, "The waterfall runs.")
    await add_sprite(database, blobs, film.id)
    path = f"/api/files/{film.id}/frame.jpg"
    before = await http.get(path, params={"t": 0})
    async with database.connection() as connection:
        await connection.execute("DELETE FROM renditions WHERE file_id = %s", (film.id,))
    await add_sprite(database, blobs, film.id, [COLOURS[2]])
    after = await http.get(path, params={"t": 0}, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, colour_of(after.content)) == (200, COLOURS[2])


@pytest.mark.connected
async def test_what_has_no_sprite_shows_its_thumbnail(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    photo = await add_searchable(database, kind=Kind.IMAGE)
    await add_rendition(database, blobs, photo.id, "thumbnail", b"a picture")
    film = await add_searchable(database, "The waterfall runs.")
    await add_sprite(database, blobs, film.id)
    await add_rendition(database, blobs, film.id, "thumbnail", b"a poster")
    for file, params, body in ((photo, {}, b"a picture"), (photo, {"t": 5}, b"a picture"), (film, {}, b"a poster")):
        answer = await http.get(f"/api/files/{file.id}/frame.jpg", params=params)
        assert answer.status_code == 307
        async with httpx.AsyncClient(trust_env=False) as store:
            assert (await store.get(answer.headers["location"])).content == body
    song = await add_searchable(database, "The waterfall runs.", kind=Kind.AUDIO)
    silent = await http.get(f"/api/files/{song.id}/frame.jpg", params={"t": 0})
    assert (silent.status_code, "sound has none" in silent.json()["detail"]) == (404, True)
    assert (await http.get(f"/api/files/{uuid4()}/frame.jpg")).status_code == 404
    assert (await http.get(f"/api/files/{film.id}/frame.jpg", params={"t": -1})).status_code == 422


@pytest.mark.connected
async def test_a_sprite_that_is_no_picture_is_told(database: Database, http: httpx.AsyncClient, blobs: Blobs) -> None:
    film = await add_searchable(database, "The waterfall runs.")
    await add_sprite(database, blobs, film.id)
    await blobs.put(f"proxy/{film.id}/sprite", b"no picture", "image/jpeg")
    answer = await http.get(f"/api/files/{film.id}/frame.jpg", params={"t": 0})
    assert answer.status_code == 422
    assert "Make its proxies again" in answer.json()["detail"]


@pytest.mark.connected
async def test_sheets_are_fetched_once_and_the_oldest_make_room(blobs: Blobs) -> None:
    fetched: list[str] = []

    class Counting:
        async def get(self, key: str) -> bytes:
            fetched.append(key)
            return await blobs.get(key)

    places = []
    for at in range(3):
        names = Place(f"tests/sheets/{at}.jpg", f"tests/sheets/{at}.vtt", utc_now())
        await blobs.put(names.sprite, sprite(), "image/jpeg")
        await blobs.put(names.cues, cues(tiles=3).encode(), "text/vtt")
        places.append(names)
    size = 480 * 90 * 3
    sheets = Sheets(Counting(), kept=2 * size)  # type: ignore[arg-type]  # all that is asked of it
    first, again = await asyncio.gather(sheets.at(places[0]), sheets.at(places[0]))
    assert first is again
    assert (len(fetched), sheets.memory) == (2, size)
    await sheets.at(places[1])
    await sheets.at(places[0])
    await sheets.at(places[2])
    assert sheets.memory == 2 * size
    assert await sheets.at(places[0]) is first, "it was asked for after the other"
    await sheets.at(places[1])
    assert len(fetched) == 2 * 4
