"""Objects in parts, and pages of browsers, on the real store."""

from uuid import uuid4

import httpx
import pytest

from shared.blobs import RULE, Blobs
from shared.errors import BlobsUnavailable, Conflict, NotFound
from shared.parts import SMALLEST_PART, Part
from shared.settings import PlatformSettings
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

WHOLE, REST = bytes(SMALLEST_PART), b"the rest"


@pytest.fixture
def key() -> str:
    return f"tests/{uuid4()}/names with spaces & more.txt"


async def put(url: str, body: bytes, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.put(url, content=body, headers=headers)


async def unjoined(blobs: Blobs, key: str) -> list[str | None]:
    return [found.multipart_id async for page in blobs.unjoined(key) for found in page]


async def test_an_object_is_made_of_its_parts_in_order(blobs: Blobs, key: str) -> None:
    multipart_id = await blobs.begin_parts(key, "text/plain")
    assert await unjoined(blobs, key) == [multipart_id]
    assert await blobs.parts(key, multipart_id) == []
    second = await blobs.put_part(key, multipart_id, 2, REST)
    answer = await put(blobs.part_link(key, multipart_id, 1, SMALLEST_PART), WHOLE)
    first = Part(1, SMALLEST_PART, answer.headers["etag"].strip('"'))
    with pytest.raises(NotFound):
        await blobs.size(key)

    stored = await blobs.parts(key, multipart_id)
    assert [(part.number, part.size, part.etag) for part in stored] == [
        (1, SMALLEST_PART, first.etag),
        (2, len(REST), second.etag),
    ]
    await blobs.join_parts(key, multipart_id, [first, second])
    assert await blobs.get(key) == WHOLE + REST
    assert await blobs.size(key) == SMALLEST_PART + len(REST)
    assert await unjoined(blobs, key) == []
    with pytest.raises(NotFound):
        await blobs.parts(key, multipart_id)


async def test_of_a_part_that_was_put_twice_the_named_one_counts(blobs: Blobs, key: str) -> None:
    for wanted in (0, 1):
        multipart_id = await blobs.begin_parts(key, "text/plain")
        parts = [await blobs.put_part(key, multipart_id, 1, body) for body in (b"first", b"later")]
        await blobs.join_parts(key, multipart_id, [parts[wanted]])
        assert await blobs.get(key) == (b"first", b"later")[wanted]


@pytest.mark.parametrize(
    "parts",
    [
        [Part(1, 5, "0" * 32)],
        [Part(7, 5, "0" * 32)],
    ],
)
async def test_parts_that_are_not_there_are_not_joined(blobs: Blobs, key: str, parts: list[Part]) -> None:
    multipart_id = await blobs.begin_parts(key, "text/plain")
    part = await blobs.put_part(key, multipart_id, 1, b"there")
    with pytest.raises(Conflict, match="cannot join"):
        await blobs.join_parts(key, multipart_id, parts)
    await blobs.join_parts(key, multipart_id, [part])
    assert await blobs.get(key) == b"there"


async def test_a_link_takes_its_own_size_for_its_own_time(blobs: Blobs, key: str) -> None:
    multipart_id = await blobs.begin_parts(key, "text/plain")
    assert (await put(blobs.part_link(key, multipart_id, 1, 5), b"four")).status_code == 403
    link = blobs.part_link(key, multipart_id, 1, 5, lifetime=2)
    answers: list[int] = []

    async def ended() -> bool:
        answers.append((await put(link, b"fives")).status_code)
        return answers[-1] != 200

    await until_so(ended)
    assert (answers[0], answers[-1]) == (200, 403)
    await blobs.drop_parts(key, multipart_id)


async def test_what_is_dropped_is_gone_and_takes_no_more(blobs: Blobs, key: str) -> None:
    multipart_id = await blobs.begin_parts(key, "text/plain")
    link = blobs.part_link(key, multipart_id, 1, 5)
    assert (await put(link, b"fives")).status_code == 200
    for _ in range(2):
        await blobs.drop_parts(key, multipart_id)
    assert await unjoined(blobs, key) == []
    assert (await put(link, b"fives")).status_code == 404
    with pytest.raises(NotFound):
        await blobs.put_part(key, multipart_id, 2, b"more")


async def test_objects_are_listed_and_removed(blobs: Blobs) -> None:
    folder = f"tests/{uuid4()}/"
    keys = [f"{folder}{number}" for number in range(3)]
    for key in keys:
        await blobs.put(key, b"x", "text/plain")
    assert [found.key async for page in blobs.stored(folder) for found in page] == keys
    for _ in range(2):
        await blobs.delete(keys[:2])
    assert [found.key async for page in blobs.stored(folder) for found in page] == keys[2:]
    await blobs.delete([])


async def test_a_bucket_that_was_made_lets_the_gateways_pages_upload(settings: PlatformSettings, key: str) -> None:
    page = "http://127.0.0.1:8080"
    blobs = Blobs(
        settings.model_copy(update={"s3_bucket": f"test-{uuid4()}", "s3_browser_origins": f"{page} https://b.example"})
    )
    await blobs.make_bucket()
    link = blobs.part_link(key, await blobs.begin_parts(key, "text/plain"), 1, 5)

    async def asked(origin: str) -> httpx.Response:
        headers = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.options(link, headers=headers)

    for origin in (page, "https://b.example"):
        preflight = await asked(origin)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, origin)
        assert "PUT" in preflight.headers["access-control-allow-methods"]
        assert preflight.headers["access-control-allow-headers"] == "content-type"
    assert (await asked("https://evil.example")).status_code == 403
    answer = await put(link, b"fives", Origin=page)
    assert answer.headers["access-control-allow-origin"] == page
    assert "etag" in answer.headers["access-control-expose-headers"].lower()


async def test_a_store_that_takes_no_rules_still_gets_its_bucket(
    settings: PlatformSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise BlobsUnavailable("The object store refused: AccessDenied")

    blobs = Blobs(settings.model_copy(update={"s3_bucket": f"test-{uuid4()}"}))
    monkeypatch.setattr(blobs, "admit", refused)
    await blobs.make_bucket()
    await blobs.ready()


async def test_rules_of_others_for_the_bucket_stay(settings: PlatformSettings) -> None:
    blobs = Blobs(settings.model_copy(update={"s3_bucket": f"test-{uuid4()}"}))
    await blobs.make_bucket()
    theirs = {"ID": "theirs", "AllowedOrigins": ["https://c.example"], "AllowedMethods": ["GET"]}
    rules = {"CORSRules": [theirs]}
    blobs._client.put_bucket_cors(Bucket=blobs.bucket, CORSConfiguration=rules)  # type: ignore[arg-type]
    for origin in ("https://a.example", "https://b.example"):
        await blobs.admit([origin])
    found = blobs._client.get_bucket_cors(Bucket=blobs.bucket)["CORSRules"]
    assert [(rule.get("ID"), rule["AllowedOrigins"]) for rule in found] == [
        ("theirs", ["https://c.example"]),
        (RULE, ["https://b.example"]),
    ]
