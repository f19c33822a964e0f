"""The bucket on the real store: bytes come back as they were, links end, and what fails says whose fault it is."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from shared.blobs import Blobs
from shared.errors import BlobsUnavailable, NotFound, Permanent
from shared.settings import PlatformSettings
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected


@pytest.fixture
def key() -> str:
    return f"tests/{uuid4()}/name with spaces & more.txt"


async def test_bytes_come_back_as_they_were(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"hello", "text/plain")
    assert await blobs.get(key) == b"hello"
    await blobs.put(key, b"changed", "text/plain")
    assert await blobs.get(key) == b"changed"


async def test_a_large_file_comes_back_as_it_was(blobs: Blobs, key: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(range(256)) * (40 * 1024))  # 10 MB: more than one part
    await blobs.put_file(source, key, "video/mp4")
    await blobs.get_file(key, target)
    assert target.read_bytes() == source.read_bytes()


async def test_what_is_not_there_is_not_found(blobs: Blobs, key: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as raised:
        await blobs.get(key)
    assert raised.value.identifier == key
    with pytest.raises(NotFound):
        await blobs.get_file(key, tmp_path / "target")
    assert not (tmp_path / "target").exists()


async def test_a_link_lets_anyone_read_this_object_and_no_other(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"0123456789", "text/plain")
    await blobs.put(f"{key}.other", b"secret", "text/plain")
    link = blobs.link(key)
    async with httpx.AsyncClient() as client:
        whole = await client.get(link)
        part = await client.get(link, headers={"Range": "bytes=2-4"})
        other = await client.get(link.replace(".txt?", ".txt.other?"))
        tampered = await client.get(link.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"))
        unsigned = await client.get(link.partition("?")[0])
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, b"0123456789", "text/plain")
    assert (part.status_code, part.content) == (206, b"234")
    assert {other.status_code, tampered.status_code, unsigned.status_code} == {403}


async def test_a_link_ends(blobs: Blobs, key: str) -> None:
    await blobs.put(key, b"x", "text/plain")
    link = blobs.link(key, lifetime=2)
    answers: list[int] = []
    async with httpx.AsyncClient() as client:

        async def ended() -> bool:
            answers.append((await client.get(link)).status_code)
            return answers[-1] != 200

        await until_so(ended)
    assert answers[0] == 200
    assert answers[-1] == 403


async def test_a_bucket_is_made_once(settings: PlatformSettings) -> None:
    other = Blobs(settings.model_copy(update={"s3_bucket": f"test-{uuid4()}"}))
    with pytest.raises(NotFound):
        await other.ready()
    for _ in range(2):
        await other.make_bucket()
    await other.ready()


async def test_a_store_that_is_down_is_an_outage(settings: PlatformSettings) -> None:
    nowhere = Blobs(settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    with pytest.raises(BlobsUnavailable, match="cannot be reached") as raised:
        await nowhere.get("any")
    assert not isinstance(raised.value, Permanent)


async def test_wrong_credentials_are_the_platforms_fault_and_not_the_files(settings: PlatformSettings) -> None:
    stranger = Blobs(settings.model_copy(update={"s3_secret_key": SecretStr("wrong" * 8)}))
    with pytest.raises(BlobsUnavailable, match="refused"):
        await stranger.get("any")
