"""What guests get of a link, and that they get nothing else."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from nats.js import JetStreamContext

from services.search.identity.access import ACCESS
from services.search.shares import repository
from services.search.shares.signing import Signer
from services.search.shares.standing import State
from shared import bus
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import Kind
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.services.search.shares.asking import found, made, opened, run, seen, token_in
from tests.support.library import count
from tests.support.serving import served
from tests.support.sharing import filed

pytestmark = pytest.mark.connected

READY = "UPDATE jobs SET state = 'done' WHERE kind = 'clip'"
TRANSCRIPT = "INSERT INTO transcripts (id, file_id, revision, model, language, duration) VALUES (%s, %s, 1, 'tiny', 'en', 60)"
SEGMENT = "INSERT INTO transcript_segments (transcript_id, position, start_s, end_s, text) VALUES (%s, %s, %s, %s, %s)"


async def said(database: Database, file_id: Any, *sentences: str) -> None:
    """Ten seconds for each."""
    async with database.transaction() as connection:
        await connection.execute(TRANSCRIPT, (file_id, file_id))
        for at, text in enumerate(sentences):
            await connection.execute(SEGMENT, (file_id, at, at * 10.0, at * 10.0 + 9, text))


async def fetched(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


async def test_a_whole_video_is_its_proxy_and_a_picture(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), label="For the Smiths")
    told = await seen(guest, share)
    assert (told.label, told.name, told.kind) == ("For the Smiths", "Grotto é.mp4", Kind.VIDEO)
    assert (told.state, told.sentence, told.starts, told.ends) == (State.READY, None, None, None)
    assert (told.expires_at, told.lines, told.download) == (share.expires_at, None, None)
    assert told.medium is not None
    assert told.poster is not None
    assert (told.medium.content_type, told.medium.width, told.medium.height) == ("video/mp4", 640, 360)
    assert (await fetched(told.medium.url)).content == "proxy of /films/Smith/Grotto é.mp4".encode()
    assert (await fetched(told.poster)).content.startswith(b"thumbnail of")


async def test_images_and_sounds_are_what_is_made_of_them(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    for kind, path, words, content_type in (
        (Kind.IMAGE, "/a.heic", b"image of", "image/jpeg"),
        (Kind.AUDIO, "/a.wav", b"proxy of", "audio/mp4"),
    ):
        told = await seen(guest, await made(http, await filed(database, blobs, path, kind)))
        assert told.medium is not None
        assert (told.medium.content_type, told.poster) == (content_type, None)
        assert (await fetched(told.medium.url)).content.startswith(words)


async def test_a_span_is_awaited_and_then_there_and_nothing_but_it(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), starts=10, ends=20, allow_download=True)
    told = await seen(guest, share)
    assert (told.state, told.medium, told.poster, told.download) == (State.PREPARING, None, None, None)
    assert (told.retry_after, told.progress, "being prepared" in (told.sentence or "")) == (2.0, None, True)
    await run(database, "UPDATE jobs SET state = 'running', progress = '{\"done\": 5, \"total\": 10}' WHERE kind = 'clip'")
    assert (await seen(guest, share)).progress == 0.5
    assert (await found(http, share.id)).uses == 0
    await run(database, READY)
    async with database.connection() as connection:
        [(key,)] = await (await connection.execute("SELECT key FROM clips")).fetchall()
    await blobs.put(key, b"the clip", "video/mp4")
    told = await seen(guest, share)
    assert (told.state, told.starts, told.ends, told.poster) == (State.READY, 10.0, 20.0, None)
    assert told.medium is not None
    assert told.download is not None
    for url in (told.medium.url, told.download):
        assert (await fetched(url)).content == b"the clip"
    assert "proxy/" not in told.model_dump_json()


async def test_what_failed_is_said_politely_and_without_why(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), starts=10, ends=20)
    await run(database, "UPDATE jobs SET state = 'failed', error = 'The disk /mnt/anna broke.' WHERE kind = 'clip'")
    response = await opened(guest, token_in(share))
    assert (response.status_code, response.json()["state"]) == (200, "failed")
    assert "Ask whoever sent you the link" in response.json()["sentence"]
    assert "anna" not in response.text
    assert (await found(http, share.id)).reason == "The disk /mnt/anna broke."


async def test_a_download_is_called_as_the_file(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    file_id = await filed(database, blobs, '/films/Grotto "é".MOV')
    told = await seen(guest, await made(http, file_id, allow_download=True))
    assert told.download is not None
    answer = await fetched(told.download)
    assert answer.content.startswith(b"proxy of")
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''Grotto%20%22%C3%A9%22.mp4" in answer.headers["content-disposition"]


async def test_what_is_said_in_the_span_is_told_if_it_is_shared(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    file_id = await filed(database, blobs)
    await said(database, file_id, "First we dig.", "Then we build.", "At last we drink.")
    whole = await seen(guest, await made(http, file_id, with_transcript=True))
    assert [line.text for line in whole.lines or []] == ["First we dig.", "Then we build.", "At last we drink."]
    span = await made(http, file_id, with_transcript=True, starts=9.5, ends=25)
    assert (await seen(guest, span)).lines is None
    await run(database, READY)
    lines = (await seen(guest, span)).lines
    assert lines is not None
    assert [line.model_dump() for line in lines] == [{"start": 0.5, "end": 9.5, "text": "Then we build."}]
    assert (await seen(guest, await made(http, file_id, starts=9.5, ends=25))).lines is None
    silent = await filed(database, blobs, "/silent.mp4")
    assert (await seen(guest, await made(http, silent, with_transcript=True))).lines == []


async def test_uses_are_counted(http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    share = await made(http, await filed(database, blobs))
    before = utc_now()
    for _ in range(3):
        await seen(guest, share)
    used = await found(http, share.id)
    assert used.uses == 3
    assert used.used_at is not None
    assert before - timedelta(seconds=1) <= used.used_at <= utc_now() + timedelta(seconds=1)
    assert used.version == share.version


async def test_addresses_work_no_longer_than_a_quarter_of_an_hour_nor_than_the_link(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), allow_download=True)
    for interval, most in (("7 days", 900), ("100 seconds", 100)):
        await run(database, f"UPDATE shares SET expires_at = now() + interval '{interval}'")
        told = await seen(guest, share)
        assert told.medium is not None
        assert told.links_until is not None
        assert told.links_until <= told.expires_at
        for url in (told.medium.url, told.poster, told.download):
            assert url is not None
            [seconds] = re.findall(r"X-Amz-Expires=(\d+)", url)
            assert most - 60 <= int(seconds) <= most


async def test_an_answer_is_kept_nowhere(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    response = await opened(guest, token_in(await made(http, await filed(database, blobs))))
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ("UPDATE shares SET expires_at = now() - interval '1 second'", 410, "has expired"),
        ("UPDATE shares SET revoked_at = now()", 410, "was withdrawn"),
        ("UPDATE files SET revision = 2", 410, "no longer there"),
        ("DELETE FROM files", 404, "no longer there"),
    ],
)
async def test_what_works_no_more_says_so_and_nothing_else(
    http: httpx.AsyncClient,
    guest: httpx.AsyncClient,
    database: Database,
    blobs: Blobs,
    change: str,
    status: int,
    words: str,
) -> None:
    share = await made(http, await filed(database, blobs), label="For the Smiths")
    await seen(guest, share)
    await run(database, change)
    response = await opened(guest, token_in(share))
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert set(response.json()) == {"type", "title", "status", "detail", "request_id"}
    assert words in response.json()["detail"]
    for secret in ("Smith", "Grotto", str(share.id), str(share.file_id)):
        assert secret not in response.text


async def test_revoking_holds_at_once(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs))
    await seen(guest, share)
    await http.delete(f"/api/shares/{share.id}")
    assert (await opened(guest, token_in(share))).status_code == 410
    async with database.connection() as connection:  # by who had looked it up just before
        assert not await repository.use(connection, share.id, utc_now())
    assert (await found(http, share.id)).uses == 1


async def test_a_file_that_is_missing_is_still_shown(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    """Its drive may be unplugged; what was made of it is there."""
    share = await made(http, await filed(database, blobs))
    await run(database, "UPDATE files SET missing_since = now()")
    assert (await seen(guest, share)).state == State.READY


async def test_who_shows_no_token_or_a_wrong_one_learns_nothing(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    token = token_in(await made(http, await filed(database, blobs)))
    wrong = ["", "x", token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), token.swapcase(), "A" * 64, "é" * 64]
    answers = [await guest.get("/api/shared"), *[await guest.get("/api/shared", headers=shows(text)) for text in wrong]]
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(401, answers[0].json()["detail"])}
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Share"}
    assert (await opened(guest, token)).status_code == 200
    assert (await guest.get("/api/shared", params={"token": token})).status_code == 401
    assert (await http.get("/api/shared")).status_code == 401


def shows(text: str) -> dict[bytes, bytes]:
    return {b"Authorization": f"Share {text}".strip().encode()}


async def test_a_link_opens_no_other_route(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs))
    token = token_in(share)
    ways: list[dict[str, str]] = [
        {"Authorization": f"Share {token}"},
        {"Authorization": f"Bearer {token}"},
        {"Cookie": f"spillway_session={token}"},
    ]
    closed = [(method, path) for (method, path), access in ACCESS.items() if not access.is_open]
    assert len(closed) > 50
    assert {path for _, path in ACCESS.keys() - set(closed) if path.startswith(("/s", "/api/sh"))} == {"/s", "/api/shared"}
    for method, path in closed:
        target = re.sub(r"\{(?:share_id|file_id)\}", str(share.file_id), path)
        target = re.sub(r"\{\w+\}", str(uuid4()), target)
        for headers in ways:
            response = await guest.request(method, target, headers=headers, json=None if method in {"GET", "DELETE"} else {})
            assert response.status_code == 401, f"{method} {path}"
    assert await count(database, "shares", "revoked_at IS NULL") == 1


async def test_the_key_is_made_once_for_all_gateways_and_read_before_anything_else(
    database: Database, platform: Platform, settings: PlatformSettings, stream: JetStreamContext, blobs: Blobs
) -> None:
    share_id = uuid4()
    signers = [Signer(database) for _ in range(4)]
    tokens = {await signer.token_of(share_id) for signer in signers}
    assert len(tokens) == 1
    assert await signers[0].share_of(tokens.pop()) == share_id
    assert await count(database, "signing_keys", "name = 'shares' AND length(secret) = 32") == 1


async def test_another_gateway_takes_the_link_too_and_leads_to_the_public_address(
    http: httpx.AsyncClient,
    guest: httpx.AsyncClient,
    database: Database,
    platform: Platform,
    settings: PlatformSettings,
    blobs: Blobs,
) -> None:
    nats = await bus.connect(settings.nats_url.get_secret_value(), name="another-gateway")
    async with served(platform, nats, given={"public_url": "https://media.example/"}) as other:
        share = await made(other, await filed(database, blobs))
        assert share.link.startswith("https://media.example/s#")
        assert (await seen(guest, share)).state == State.READY


async def test_wrong_tokens_are_told_apart_without_postgres(
    http: httpx.AsyncClient, guest: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    """While the table of links cannot be read, right tokens wait for it and wrong ones are refused."""
    share = await made(http, await filed(database, blobs))
    async with database.transaction() as connection:
        await connection.execute("LOCK TABLE shares IN ACCESS EXCLUSIVE MODE")
        response = await opened(guest, "A" * 64)
    assert response.status_code == 401
    assert (await seen(guest, share)).state == State.READY


async def test_the_page_has_no_secret_in_it_and_a_strict_policy(guest: httpx.AsyncClient) -> None:
    response = await guest.get("/s")
    assert response.status_code == 200
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "media-src 'self' http" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-robots-tag"] == "noindex"
    assert "http://" not in response.text
    assert "https://" not in response.text
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(?!data:)", response.text)
