"""Renditions are read by their links, in whole and in ranges, as players do."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from shared.blobs import Blobs
from shared.database import Database
from tests.support.footage import add_searchable

pytestmark = pytest.mark.connected

RENDITION = """
    INSERT INTO renditions (file_id, name, revision, key, content_type, bytes) VALUES (%s, 'proxy', 1, %s, 'video/mp4', %s)
"""
BODY = bytes(at % 251 for at in range(300_000))


@pytest.fixture
async def path(database: Database, blobs: Blobs) -> str:
    """Where the proxy of a film is."""
    film = await add_searchable(database, "The waterfall runs.")
    key = f"proxy/{film.id}/proxy.mp4"
    await blobs.put(key, BODY, "video/mp4")
    async with database.connection() as connection:
        await connection.execute(RENDITION, (film.id, key, len(BODY)))
    return f"/api/files/{film.id}/renditions/proxy"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=299990-", 299_990, 300_000),
        ("bytes=-10", 299_990, 300_000),
        ("bytes=299990-400000", 299_990, 300_000),
    ],
)
async def test_a_range_is_read_through_the_link(http: httpx.AsyncClient, path: str, asked: str, start: int, end: int) -> None:
    led = await http.get(path, headers={"Range": asked})
    assert led.status_code == 307
    async with httpx.AsyncClient(trust_env=False) as player:
        part = await player.get(led.headers["location"], headers={"Range": asked})
    assert part.status_code == 206
    assert part.content == BODY[start:end]
    assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(BODY)}"
    assert part.headers["content-type"] == "video/mp4"


async def test_a_player_that_follows_links_gets_whole_and_parts(http: httpx.AsyncClient, path: str) -> None:
    whole = await http.get(path, follow_redirects=True)
    assert (whole.status_code, whole.content) == (200, BODY)
    assert whole.headers["accept-ranges"] == "bytes"
    ranges = [f"bytes={start}-{start + 99_999}" for start in range(0, len(BODY), 100_000)]
    parts = await asyncio.gather(*(http.get(path, headers={"Range": one}, follow_redirects=True) for one in ranges))
    assert b"".join(part.content for part in parts) == BODY
    beyond = await http.get(path, headers={"Range": "bytes=400000-"}, follow_redirects=True)
    assert beyond.status_code == 416


async def test_the_head_tells_the_size(http: httpx.AsyncClient, path: str) -> None:
    led = await http.head(path)
    assert (led.status_code, led.content) == (307, b"")
    async with httpx.AsyncClient(trust_env=False) as player:
        told = await player.head(led.headers["location"])
    assert (told.status_code, told.content) == (200, b"")
    assert (told.headers["content-length"], told.headers["content-type"]) == (str(len(BODY)), "video/mp4")
    assert (await http.head(f"/api/files/{uuid4()}/renditions/proxy")).status_code == 404
