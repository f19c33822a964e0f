"""Uploads in parts, on the real object store with plain HTTP."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.search.uploads.schemas import UploadBegun, UploadProgress, Uploads
from shared.blobs import Blobs
from shared.contracts import UploadCompleted
from shared.database import Database
from shared.errors import NotFound
from shared.parts import SMALLEST_PART
from tests.support.library import count
from tests.support.uploading import TWO_PARTS, begin, complete, link, listed, send

pytestmark = pytest.mark.connected


async def progress(http: httpx.AsyncClient, upload: dict[str, Any]) -> UploadProgress:
    response = await http.get(f"/api/uploads/{upload['upload_id']}")
    assert response.status_code == 200, response.text
    return UploadProgress.model_validate_json(response.content)


async def detail(response: httpx.Response, status: int) -> str:
    """The sentence of a refusal."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), response.text
    return str(response.json()["detail"])


async def is_stored(blobs: Blobs, upload: dict[str, Any]) -> bool:
    try:
        await blobs.size(upload["key"])
    except NotFound:
        return False
    return True


async def told(database: Database) -> int:
    return await count(database, "outbox", f"subject = '{UploadCompleted.subject}'")


async def test_a_file_goes_to_the_object_store_by_links(database: Database, blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http, name="../holidays/falls: the end?.mp4")
    UploadBegun.model_validate(upload)
    assert (upload["name"], upload["part_count"], upload["resumed"]) == ("falls_ the end_.mp4", 2, False)
    assert upload["key"] == f"uploads/{upload['upload_id']}/falls_ the end_.mp4"

    answer = await complete(http, upload, await send(http, upload))

    assert answer.status_code == 202, answer.text
    assert answer.json() == {"upload_id": upload["upload_id"], "job_id": upload["job_id"]}
    assert await blobs.get(upload["key"]) == TWO_PARTS
    assert await told(database) == 1
    now = await progress(http, upload)
    assert (now.state, now.bytes) == ("completed", len(TWO_PARTS))
    job = (await http.get(f"/api/jobs/{upload['job_id']}")).json()
    assert (job["kind"], job["state"], job["path"], job["items"]["pending"]) == ("upload", "pending", upload["name"], 1)
    assert not job["finished"]


async def test_a_page_that_was_loaded_again_sends_only_what_is_missing(blobs: Blobs, http: httpx.AsyncClient) -> None:
    body = TWO_PARTS[:SMALLEST_PART] + TWO_PARTS
    upload = await begin(http, body, last_modified=1234)
    [second] = await send(http, upload, body, [2])
    before = await progress(http, upload)
    assert (before.bytes, before.parts) == (SMALLEST_PART, 1)
    assert before.expires_at > datetime.fromisoformat(upload["expires_at"])

    again = await begin(http, body, last_modified=1234)

    assert again == {**upload, "resumed": True, "expires_at": again["expires_at"]}
    assert datetime.fromisoformat(again["expires_at"]) > before.expires_at
    assert await listed(http, again) == [{"number": 2, "size": SMALLEST_PART, "etag": second["etag"].strip('"')}]
    await send(http, again, body, [1, 3])
    parts = [{"number": part["number"], "etag": part["etag"]} for part in await listed(http, again)]
    assert (await complete(http, again, parts)).status_code == 202
    assert await blobs.get(upload["key"]) == body


async def test_another_file_is_not_taken_for_one_that_was_broken_off(http: httpx.AsyncClient) -> None:
    first = await begin(http, last_modified=1234)
    others = [
        await begin(http, last_modified=1235),
        await begin(http, TWO_PARTS + b"!", last_modified=1234),
        await begin(http, last_modified=1234, name="rapids.mp4"),
        await begin(http, last_modified=1234, part_size=SMALLEST_PART + 1),
        await begin(http),
        await begin(http),
    ]
    assert len({first["upload_id"], *(other["upload_id"] for other in others)}) == 7
    assert not any(other["resumed"] for other in others)
    open_ones = Uploads.model_validate_json((await http.get("/api/uploads")).content).uploads
    assert [str(upload.upload_id) for upload in open_ones] == [first["upload_id"], *(other["upload_id"] for other in others)]


async def test_two_that_begin_the_same_file_at_once_share_one_upload(
    database: Database, blobs: Blobs, http: httpx.AsyncClient
) -> None:
    both = await asyncio.gather(*(begin(http, last_modified=99, name="twice.mp4") for _ in range(4)))
    assert len({upload["upload_id"] for upload in both}) == 1
    assert sorted(upload["resumed"] for upload in both) == [False, True, True, True]
    assert await count(database, "jobs") == 1
    unjoined = [found.key async for page in blobs.unjoined("uploads/") for found in page if found.key.endswith("/twice.mp4")]
    assert unjoined == [both[0]["key"]]


async def test_completing_twice_is_completing_once(database: Database, http: httpx.AsyncClient) -> None:
    upload = await begin(http)
    parts = await send(http, upload)
    answers = [await complete(http, upload, parts) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert await told(database) == 1


async def test_completing_at_once_is_completing_once(database: Database, blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http)
    parts = await send(http, upload)
    answers = await asyncio.gather(*(complete(http, upload, parts) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [202] * 4
    assert await told(database) == 1
    assert await blobs.get(upload["key"]) == TWO_PARTS


async def test_a_crash_after_the_parts_were_joined_is_mended(database: Database, blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http, last_modified=7)
    parts = await send(http, upload)
    stored = [found async for page in blobs.unjoined(upload["key"]) for found in page]
    theirs = await blobs.parts(upload["key"], stored[0].multipart_id or "")
    await blobs.join_parts(upload["key"], stored[0].multipart_id or "", theirs)

    again = await begin(http, last_modified=7)
    assert again["resumed"]
    assert [part["number"] for part in await listed(http, again)] == [1, 2]
    assert (await progress(http, again)).bytes == len(TWO_PARTS)
    assert (await complete(http, again, parts)).status_code == 202
    assert await told(database) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda parts: parts[:1], "lacks part 2"),
        (lambda parts: [parts[0], {**parts[1], "etag": parts[0]["etag"]}], "does not have part 2 with this etag"),
        (lambda parts: [*parts, {"number": 3, "etag": "x"}], "no part 3"),
        (lambda parts: [], "lacks parts 1, 2"),
    ],
)
async def test_a_wrong_list_of_parts_is_refused_in_words_and_can_be_put_right(
    database: Database, http: httpx.AsyncClient, change: Any, sentence: str
) -> None:
    upload = await begin(http)
    parts = await send(http, upload)
    assert sentence in await detail(await complete(http, upload, change(parts)), 409)
    assert await told(database) == 0
    assert (await complete(http, upload, parts)).status_code == 202


async def test_a_part_of_the_wrong_size_is_refused_by_the_store(http: httpx.AsyncClient) -> None:
    upload = await begin(http)
    async with httpx.AsyncClient(trust_env=False) as store:
        short = await store.put(await link(http, upload, 1), content=b"too short")
        long = await store.put(await link(http, upload, 2), content=b"too long by far for the second part")
    assert {short.status_code, long.status_code} == {403}
    assert await listed(http, upload) == []


async def test_a_link_is_for_one_part_of_one_upload(http: httpx.AsyncClient) -> None:
    upload, other = await begin(http), await begin(http)
    url, rest = await link(http, upload, 2), TWO_PARTS[SMALLEST_PART:]
    moved = [
        url.replace("partNumber=2", "partNumber=1"),
        url.replace(upload["upload_id"], other["upload_id"]),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
        url.partition("&X-Amz-Algorithm")[0],
    ]
    async with httpx.AsyncClient(trust_env=False) as store:
        assert {(await store.put(address, content=rest)).status_code for address in moved} == {403}
        assert (await store.put(url, content=rest)).status_code == 200
    assert len(await listed(http, upload)) == 1
    assert await listed(http, other) == []


async def test_there_are_links_only_for_parts_that_there_are(http: httpx.AsyncClient) -> None:
    upload = await begin(http)
    path = f"/api/uploads/{upload['upload_id']}/parts"
    assert "parts 1 to 2" in await detail(await http.post(f"{path}/3/link", json={}), 422)
    for number in ("0", "10001", "x"):
        assert (await http.post(f"{path}/{number}/link", json={})).status_code == 422
    assert (await http.post(f"/api/uploads/{uuid4()}/parts/1/link", json={})).status_code == 404


async def test_an_upload_that_is_called_off_leaves_nothing(database: Database, blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http, last_modified=5)
    parts = await send(http, upload, numbers=[1])
    url = await link(http, upload, 2)
    for _ in range(2):
        assert (await http.delete(f"/api/uploads/{upload['upload_id']}")).status_code == 204

    assert [found async for page in blobs.unjoined(upload["key"]) for found in page] == []
    async with httpx.AsyncClient(trust_env=False) as store:
        assert (await store.put(url, content=TWO_PARTS[SMALLEST_PART:])).status_code == 404
    refusals = [
        await complete(http, upload, parts),
        await http.post(f"/api/uploads/{upload['upload_id']}/parts/1/link", json={}),
        await http.get(f"/api/uploads/{upload['upload_id']}/parts"),
    ]
    for refusal in refusals:
        assert "called off. Begin it again" in await detail(refusal, 409)
    assert (await progress(http, upload)).state == "aborted"
    job = (await http.get(f"/api/jobs/{upload['job_id']}")).json()
    assert (job["state"], job["finished"], job["items"]["skipped"]) == ("cancelled", True, 1)
    assert not (await begin(http, last_modified=5))["resumed"]
    assert await told(database) == 0


async def test_what_has_come_cannot_be_called_off(blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http)
    await complete(http, upload, await send(http, upload))
    assert "can no longer be called off" in await detail(await http.delete(f"/api/uploads/{upload['upload_id']}"), 409)
    assert "takes no more parts" in await detail(
        await http.post(f"/api/uploads/{upload['upload_id']}/parts/1/link", json={}), 409
    )
    assert await is_stored(blobs, upload)


async def test_an_upload_that_the_store_has_lost_is_begun_again(blobs: Blobs, http: httpx.AsyncClient) -> None:
    upload = await begin(http, last_modified=11)
    parts = await send(http, upload)
    [stored] = [found async for page in blobs.unjoined(upload["key"]) for found in page]
    await blobs.drop_parts(upload["key"], stored.multipart_id or "")

    assert "no longer has" in await detail(await complete(http, upload, parts), 409)
    assert "no longer has" in await detail(await http.get(f"/api/uploads/{upload['upload_id']}/parts"), 409)
    again = await begin(http, last_modified=11)
    assert (again["resumed"], again["upload_id"] == upload["upload_id"]) == (False, False)
    assert (await progress(http, upload)).state == "aborted"


async def test_what_no_file_can_be_is_refused_at_once(database: Database, http: httpx.AsyncClient) -> None:
    async def refused(status: int, **fields: Any) -> str:
        return await detail(await http.post("/api/uploads", json={"name": "a.mp4", "size": 1, **fields}), status)

    assert "empty (0 bytes)" in await refused(422, size=0)
    assert "10.0 GiB that any file may have" in await refused(413, size=(10 << 30) + 1)
    assert "Give the file a name" in await refused(422, name="..")
    for fields in ({"size": -1}, {"name": ""}, {"part_size": 1}, {"part_size": 6 << 30}, {"size": 1.5}, {"size": "x"}):
        await refused(422, **fields)
    assert await count(database, "uploads") == 0


async def test_a_size_that_is_too_large_for_the_name_is_only_hinted_at(http: httpx.AsyncClient) -> None:
    response = await http.post("/api/uploads", json={"name": "a.jpg", "size": 16 << 20})
    assert response.status_code == 201
    assert "If this is a photo, it will be refused" in response.json()["hint"]
    response = await http.post("/api/uploads", json={"name": "a.mp4", "size": 16 << 20})
    assert response.json()["hint"] is None
