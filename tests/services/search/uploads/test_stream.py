"""Uploads in one request, streamed through a real gateway into the real object store."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psutil
import pytest
from nats.js import JetStreamContext

from services.search.uploads.repository import Upload
from services.search.uploads.stream import pieces, store
from shared import bus
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import UploadCompleted
from shared.database import Database
from shared.errors import Invalid
from shared.identifiers import new_id
from shared.parts import MIB, USUAL_PART
from shared.service import Platform
from shared.settings import PlatformSettings
from shared.uploads import UploadState
from tests.support.identity import bearer
from tests.support.library import count
from tests.support.serving import served
from tests.support.uploading import chunks
from tests.support.waiting import until_so

BODY = bytes(range(256)) * (USUAL_PART // 128) + b"and a little more"
"""Two whole parts and a rest."""
connected = pytest.mark.connected


async def rows(database: Database, query: str) -> list[Any]:
    async with database.connection() as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall()


async def leaves_nothing(database: Database, blobs: Blobs, state: UploadState | None = UploadState.ABORTED) -> None:
    """Neither parts nor object nor event; a row and a job say what happened."""
    found = await rows(database, "SELECT object_key, uploads.state, jobs.state FROM uploads JOIN jobs USING (id)")
    assert [(upload, job) for _, upload, job in found] == ([(state, "cancelled")] if state else [])
    for key, _, _ in found:
        assert [stored async for page in blobs.unjoined(key) for stored in page] == []
        assert [stored async for page in blobs.stored(key) for stored in page] == []
    assert await count(database, "outbox") == 0


@pytest.fixture
async def impatient(
    platform: Platform, settings: PlatformSettings, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that takes one upload at a time, and waits half a second for its bytes."""
    monkeypatch.setenv("SPILLWAY_UPLOAD_STREAMS", "1")
    monkeypatch.setenv("SPILLWAY_UPLOAD_PATIENCE", "0.5")
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
    async with served(platform, nats) as client:
        yield client


@pytest.mark.parametrize("sizes", [[1], [10], [3, 3, 3, 3], [4, 4], [25], [1] * 9, [8, 0, 1]])
async def test_a_body_is_cut_into_pieces_whatever_it_comes_in(sizes: list[int]) -> None:
    body = bytes(range(sum(sizes)))

    async def given() -> AsyncIterator[bytes]:
        at = 0
        for size in sizes:
            yield body[at : at + size]
            at += size

    found = [piece async for piece in pieces(given(), 4, 100)]
    assert b"".join(found) == body
    assert all(len(piece) == 4 for piece in found[:-1])
    assert 1 <= len(found[-1]) <= 4


@connected
@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_body_becomes_an_upload(database: Database, blobs: Blobs, http: httpx.AsyncClient, is_announced: bool) -> None:
    answer = await http.put("/api/uploads/falls%20%26%20rapids.mp4", content=BODY if is_announced else chunks(BODY))
    assert answer.status_code == 202, answer.text
    upload_id = answer.json()["upload_id"]
    assert answer.json() == {"upload_id": upload_id, "job_id": upload_id}
    assert await blobs.get(f"uploads/{upload_id}/falls & rapids.mp4") == BODY
    [[body]] = await rows(database, f"SELECT body FROM outbox WHERE subject = '{UploadCompleted.subject}'")
    assert body == {"job_id": upload_id}
    told = (await http.get(f"/api/uploads/{upload_id}")).json()
    assert (told["state"], told["size"], told["bytes"], told["name"]) == (
        "completed", len(BODY), len(BODY), "falls & rapids.mp4",
    )  # fmt: skip


@connected
@pytest.mark.parametrize("body", [b"", None])
async def test_an_empty_body_is_refused(database: Database, blobs: Blobs, http: httpx.AsyncClient, body: bytes | None) -> None:
    answer = await http.put("/api/uploads/a.mp4", content=chunks(b"") if body is None else body)
    assert answer.status_code == 422
    assert "empty (0 bytes)" in answer.json()["detail"]
    await leaves_nothing(database, blobs, UploadState.ABORTED if body is None else None)


@connected
async def test_what_is_too_large_is_refused_as_soon_as_it_is(
    database: Database, blobs: Blobs, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("VIDEO", "IMAGE", "AUDIO"):
        monkeypatch.setenv(f"SPILLWAY_INGEST_LARGEST_{kind}", str(len(BODY)))
    assert (await http.put("/api/uploads/a.mp4", content=BODY)).status_code == 202
    await rows(database, "WITH gone AS (DELETE FROM jobs) DELETE FROM outbox RETURNING 1")

    announced = await http.put("/api/uploads/a.mp4", content=BODY + b"!")
    assert (announced.status_code, announced.headers["content-type"]) == (413, "application/problem+json")
    assert "more than the 16.0 MiB that any file may have" in announced.json()["detail"]
    await leaves_nothing(database, blobs, None)

    unannounced = await http.put("/api/uploads/a.mp4", content=chunks(BODY + b"!"))
    assert unannounced.status_code == 413
    await leaves_nothing(database, blobs)


@connected
@pytest.mark.parametrize("head", ["Content-Length: 20000000", "Transfer-Encoding: chunked"])
async def test_a_client_that_goes_away_leaves_nothing(
    database: Database, blobs: Blobs, http: httpx.AsyncClient, head: str
) -> None:
    _, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    writer.write(f"PUT /api/uploads/a.mp4 HTTP/1.1\r\nHost: localhost\r\n{bearer(http)}{head}\r\n\r\n".encode())
    piece = BODY[: USUAL_PART + 1000]
    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if "chunked" in head else piece)
    await writer.drain()

    async def is_under_way() -> bool:
        keys = await rows(database, "SELECT object_key, multipart_id FROM uploads WHERE state = 'open'")
        return bool(keys) and bool(await blobs.parts(*keys[0]))

    await until_so(is_under_way)
    writer.close()

    async def is_over() -> bool:
        return bool(await rows(database, "SELECT FROM uploads WHERE state = 'aborted'"))

    await until_so(is_over)

    async def is_clean() -> bool:
        keys = await rows(database, "SELECT object_key FROM uploads")
        return [stored async for page in blobs.unjoined(keys[0][0]) for stored in page] == []

    await until_so(is_clean)
    await leaves_nothing(database, blobs)


@connected
async def test_a_body_that_is_shorter_than_announced_is_refused(
    database: Database, blobs: Blobs, http: httpx.AsyncClient
) -> None:
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    head = f"PUT /api/uploads/a.mp4 HTTP/1.1\r\nHost: localhost\r\n{bearer(http)}Content-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b"short")
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    assert b" 422 " in answer.split(b"\r\n")[0]
    assert b"ended before all bytes had come" in answer
    await leaves_nothing(database, blobs)


@connected
async def test_a_body_that_is_not_as_long_as_announced_is_not_joined(blobs: Blobs) -> None:
    key = f"tests/{new_id()}"
    now = utc_now()
    upload = Upload(
        new_id(), "a", key, await blobs.begin_parts(key, "x/y"), 10, USUAL_PART, UploadState.OPEN, None, None, now, now
    )
    with pytest.raises(Invalid, match="announced 10 bytes and brought 7"):
        await store(blobs, upload, chunks(b"7 bytes"), 100)
    assert len(await blobs.parts(key, upload.multipart_id)) == 1
    await blobs.drop_parts(key, upload.multipart_id)


@connected
async def test_a_client_that_sends_nothing_more_is_given_up(
    database: Database, blobs: Blobs, impatient: httpx.AsyncClient
) -> None:
    asked = asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await asked.wait()

    putting = asyncio.create_task(impatient.put("/api/uploads/a.mp4", content=stalled()))

    async def is_over() -> bool:
        return bool(await rows(database, "SELECT FROM uploads WHERE state = 'aborted'"))

    await until_so(is_over)
    asked.set()
    answer = await putting
    assert "Nothing came for" in answer.json()["detail"]
    await leaves_nothing(database, blobs)


@connected
async def test_no_more_uploads_pass_through_at_a_time_than_there_is_memory_for(
    database: Database, impatient: httpx.AsyncClient
) -> None:
    release = asyncio.Event()

    async def held_up() -> AsyncIterator[bytes]:
        while not release.is_set():
            yield b"x"
            await asyncio.sleep(0.02)

    first = asyncio.create_task(impatient.put("/api/uploads/first.mp4", content=held_up()))

    async def is_under_way() -> bool:
        return await count(database, "uploads") == 1

    await until_so(is_under_way)
    second = asyncio.create_task(impatient.put("/api/uploads/second.mp4", content=b"x"))
    await asyncio.wait({second}, timeout=1.0)
    assert not second.done()
    assert await count(database, "uploads") == 1
    release.set()
    assert [answer.status_code for answer in await asyncio.gather(first, second)] == [202, 202]


@connected
async def test_names_that_lead_elsewhere_lead_nowhere(database: Database, http: httpx.AsyncClient) -> None:
    assert (await http.put("/api/uploads/..%2F..%2Fetc%2Fpasswd", content=b"x")).status_code in {404, 405}
    assert (await http.put("/api/uploads/%2e%2e", content=b"x")).status_code in {404, 405, 422}
    assert await count(database, "uploads") == 0
    answer = await http.put("/api/uploads/a%0d%0ab%00%5cc%ff.mp4", content=b"x")
    assert answer.status_code == 202
    [[name]] = await rows(database, "SELECT name FROM uploads")
    assert name == "c\ufffd.mp4"


@connected
async def test_other_sites_cannot_put(database: Database, http: httpx.AsyncClient) -> None:
    foreign = {"origin": "https://evil.example"}
    assert (await http.put("/api/uploads/a.mp4", content=b"x", headers=foreign)).status_code == 403
    assert (await http.put("/api/uploads/a.mp4", content=b"x", headers={"host": "evil.example"})).status_code == 400
    asked = {**foreign, "access-control-request-method": "PUT"}
    preflight = await http.request("OPTIONS", "/api/uploads/a.mp4", headers=asked)
    assert preflight.status_code == 405
    assert not [name for name in preflight.headers if name.startswith("access-control")]
    assert await count(database, "uploads") == 0


@connected
@pytest.mark.timeout(120)
async def test_memory_does_not_grow_with_the_file(database: Database, http: httpx.AsyncClient) -> None:
    process, block = psutil.Process(), bytes(MIB)
    measured: list[int] = []

    async def megabytes(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield block
            measured.append(process.memory_info().rss)

    assert (await http.put("/api/uploads/warm.mp4", content=megabytes(40))).status_code == 202
    warm = max(measured)
    measured.clear()
    assert (await http.put("/api/uploads/large.mp4", content=megabytes(200))).status_code == 202
    assert len(measured) == 200
    assert max(measured) - warm < 3 * USUAL_PART, json.dumps([rss // MIB for rss in measured])
