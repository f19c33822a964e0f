"""Routes of share links on the real database, for who may make them."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.search.identity.roles import Role
from services.search.shares.standing import State
from shared.blobs import Blobs
from shared.clock import utc_now
from shared.contracts import Kind
from shared.database import Database
from tests.services.search.shares.asking import found, listed, made, run, token_in
from tests.support.identity import client_as
from tests.support.library import count
from tests.support.sharing import asked_clips, filed

pytestmark = pytest.mark.connected

CLIP = "UPDATE jobs SET state = %(state)s, error = %(error)s, progress = %(progress)s::jsonb WHERE kind = 'clip'"


async def test_a_link_to_a_file_is_made_told_once_and_listed(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    before = utc_now()
    share = await made(http, file_id, label="For the Smiths")
    assert share.link.startswith(f"{http.base_url}/s#")
    assert len(token_in(share)) == 64
    assert (share.state, share.reason, share.uses, share.used_at, share.revoked_at) == (State.READY, None, 0, None, None)
    assert (share.label, share.created_by, share.starts, share.ends) == ("For the Smiths", "admin", None, None)
    assert (share.allow_download, share.with_transcript) == (False, False)
    assert timedelta(days=7) <= share.expires_at - before < timedelta(days=7, minutes=5)
    told = share.model_dump(exclude={"link"})
    assert (await found(http, share.id)).model_dump() == told
    assert [other.model_dump() for other in await listed(http)] == [told]
    for path in ("/api/shares", f"/api/shares/{share.id}"):
        assert token_in(share) not in (await http.get(path)).text
    assert await count(database, "clips") == 0


async def test_a_span_is_cut_to_the_file_and_its_clip_asked_for_once(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    file_id = await filed(database, blobs, duration=60.0)
    one = await made(http, file_id, starts=50.0001, ends=99)
    other = await made(http, file_id, starts=50, ends=60.0)
    assert (one.starts, one.ends) == (other.starts, other.ends) == (50.0, 60.0)
    assert one.id != other.id
    assert one.state == other.state == State.PREPARING
    async with database.connection() as connection:
        assert len(await asked_clips(connection)) == 1
    assert await count(database, "jobs", "kind = 'clip' AND asked_by = 'admin'") == 1
    await made(http, file_id, starts=50, ends=59)
    assert await count(database, "clips") == 2


async def test_many_who_share_a_span_at_once_have_one_clip(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    shares = await asyncio.gather(*(made(http, file_id, starts=1, ends=2) for _ in range(8)))
    assert len({share.id for share in shares}) == 8
    assert await count(database, "clips") == await count(database, "jobs", "kind = 'clip'") == 1
    assert await count(database, "outbox", "subject = 'clip.requested'") == 1


async def test_how_far_a_clip_is_and_why_it_failed_is_told_to_who_made_it(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), starts=1, ends=2)
    assert share.progress is None
    await run(database, CLIP, state="running", error=None, progress='{"done": 1.0, "total": 4.0}')
    assert (await found(http, share.id)).progress == 0.25
    await run(database, CLIP, state="failed", error="The disk broke; mend it.", progress="{}")
    failed = await found(http, share.id)
    assert (failed.state, failed.reason, failed.progress) == (State.FAILED, "The disk broke; mend it.", None)
    again = await made(http, share.file_id, starts=1, ends=2)
    assert again.state == (await found(http, share.id)).state == State.PREPARING
    await run(database, CLIP, state="done", error=None, progress="{}")
    assert (await found(http, share.id)).state == State.READY


async def test_the_same_key_is_the_same_link_told_again(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    first = await made(http, file_id, key="k", label="one", starts=1, ends=2)
    second = await made(http, file_id, key="k", label="one", starts=1, ends=2)
    assert second == first
    assert (await made(http, file_id, key="other", label="one", starts=1, ends=2)).id != first.id
    response = await http.post("/api/shares", json={"file_id": str(file_id)}, headers={"Idempotency-Key": "k"})
    assert response.status_code == 422
    assert "give each request a key of its own" in response.json()["detail"]
    both = await asyncio.gather(*(made(http, file_id, key="at once") for _ in range(4)))
    assert len({share.link for share in both}) == 1
    assert await count(database, "shares") == 3


async def test_a_key_is_each_person_s_own(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    mine = await made(http, file_id, key="k")
    async with client_as(http, database, Role.EDITOR, name="ben") as ben:
        theirs = await made(ben, file_id, key="k")
    assert theirs.id != mine.id
    assert (mine.created_by, theirs.created_by) == ("admin", "ben")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"starts": 1}, "give `starts` and `ends`"),
        ({"starts": 2, "ends": 2}, "0.1 s long at least"),
        ({"starts": 3, "ends": 2}, "before it begins"),
        ({"starts": 60, "ends": 61}, "The file is 60.0 s long"),
        ({"starts": -1, "ends": 2}, "greater than or equal to 0"),
        ({"starts": 1, "ends": 1e9}, "less than or equal to"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "lies in the future"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "365 days at most"),
        ({"expires_at": "2026-01-01T00:00:00"}, "timezone"),
        ({"label": "x" * 201}, "at most 200"),
        ({"label": "zero \0"}, "label: String should match pattern"),
        ({"path": "/etc"}, "Extra inputs"),
    ],
)
async def test_what_makes_no_sense_makes_no_link(
    http: httpx.AsyncClient, database: Database, blobs: Blobs, options: dict[str, Any], sentence: str
) -> None:
    file_id = await filed(database, blobs)
    response = await http.post("/api/shares", json={"file_id": str(file_id), **options})
    assert response.status_code == 422, response.text
    assert sentence in response.json()["detail"]
    assert await count(database, "shares") == await count(database, "clips") == await count(database, "jobs") == 0


async def test_an_image_has_no_span_and_what_is_not_there_no_link(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    image = await filed(database, blobs, "/a.jpg", Kind.IMAGE, None)
    response = await http.post("/api/shares", json={"file_id": str(image), "starts": 1, "ends": 2})
    assert (response.status_code, "An image has no span" in response.text) == (422, True)
    assert (await made(http, image)).state == State.READY
    for method, path, body in (
        ("POST", "/api/shares", {"file_id": str(uuid4())}),
        ("GET", f"/api/shares/{uuid4()}", None),
        ("PATCH", f"/api/shares/{uuid4()}", {"label": "x"}),
        ("DELETE", f"/api/shares/{uuid4()}", None),
    ):
        response = await http.request(method, path, json=body) if body else await http.request(method, path)
        assert response.status_code == 404


async def test_what_is_made_of_the_file_says_whether_it_can_be_shown(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    waiting = await made(http, await filed(database, blobs, "/a.mp4", proxy="pending"))
    assert waiting.state == State.PREPARING
    without = await made(http, await filed(database, blobs, "/b.mp4", proxy="failed"))
    assert (without.state, "batch proxy" in (without.reason or "")) == (State.FAILED, True)


async def test_links_are_listed_by_file_and_by_the_page(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    one, other = await filed(database, blobs, "/a.mp4"), await filed(database, blobs, "/b.mp4")
    shares = [await made(http, one if number % 2 else other, label=str(number)) for number in range(5)]
    newest = [share.id for share in reversed(shares)]
    assert [share.id for share in await listed(http)] == newest
    assert [share.label for share in await listed(http, file_id=str(one))] == ["3", "1"]
    gone = list[UUID]()
    cursor: dict[str, str] = {}
    while True:
        page = (await http.get("/api/shares", params={"limit": 2, **cursor})).json()
        gone += [UUID(share["id"]) for share in page["shares"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert gone == newest
    for wrong in ("x", "AAAA", "é"):
        assert (await http.get("/api/shares", params={"cursor": wrong})).status_code == 422


async def test_label_and_end_can_be_changed_and_the_link_stays(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), label="one", key="k")
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    path = f"/api/shares/{share.id}"
    response = await http.patch(path, json={"expires_at": later.isoformat()}, headers={"If-Match": f'"{share.version}"'})
    assert response.status_code == 200, response.text
    changed = await found(http, share.id)
    assert (changed.expires_at, changed.label) == (later, "one")
    assert changed.version != share.version
    stale = await http.patch(path, json={"label": "two"}, headers={"If-Match": f'"{share.version}"'})
    assert stale.status_code == 412
    assert (await http.patch(path, json={"label": "two"})).json()["label"] == "two"
    assert (await made(http, share.file_id, label="one", key="k")).link == share.link
    for wrong in (utc_now() - timedelta(days=1), utc_now() + timedelta(days=366)):
        assert (await http.patch(path, json={"expires_at": wrong.isoformat()})).status_code == 422


async def test_a_link_that_is_revoked_stays_so(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    share = await made(http, await filed(database, blobs))
    path = f"/api/shares/{share.id}"
    assert (await http.delete(path)).status_code == 204
    revoked = await found(http, share.id)
    assert revoked.state == State.REVOKED
    assert (await http.delete(path)).status_code == 204
    assert (await found(http, share.id)).revoked_at == revoked.revoked_at
    response = await http.patch(path, json={"label": "again"})
    assert (response.status_code, "make a new one" in response.text) == (409, True)


async def test_a_link_that_is_given_more_time_has_its_clip_made_again(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), starts=1, ends=2)
    await run(database, "UPDATE shares SET expires_at = now() - interval '1 day'")
    assert (await found(http, share.id)).state == State.EXPIRED
    await run(database, "DELETE FROM clips")
    response = await http.patch(f"/api/shares/{share.id}", json={"expires_at": (utc_now() + timedelta(days=1)).isoformat()})
    assert response.json()["state"] == "preparing"
    assert await count(database, "outbox", "subject = 'clip.requested'") == 2


async def test_people_who_only_look_make_no_links(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    share = await made(http, file_id)
    async with client_as(http, database, Role.VIEWER) as viewer:
        assert [seen.id for seen in await listed(viewer)] == [share.id]
        path = f"/api/shares/{share.id}"
        assert (await viewer.post("/api/shares", json={"file_id": str(file_id)})).status_code == 403
        assert (await viewer.patch(path, json={"label": "x"})).status_code == 403
        assert (await viewer.delete(path)).status_code == 403
    async with client_as(http, database, Role.EDITOR) as editor:
        assert (await made(editor, file_id)).created_by == "editor"


async def test_the_log_of_who_did_what_has_the_link_and_not_its_secret(
    http: httpx.AsyncClient, database: Database, blobs: Blobs
) -> None:
    share = await made(http, await filed(database, blobs), label="For the Smiths")
    await http.delete(f"/api/shares/{share.id}")
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT method, route, audit_log::text FROM audit_log ORDER BY id")
        rows = await cursor.fetchall()
    assert [row[:2] for row in rows] == [("POST", "/api/shares"), ("DELETE", "/api/shares/{share_id}")]
    assert "For the Smiths" in rows[0][2]
    assert not any(token_in(share) in row[2] for row in rows)


async def test_links_lead_to_the_public_address(http: httpx.AsyncClient, database: Database, blobs: Blobs) -> None:
    file_id = await filed(database, blobs)
    port = http.base_url.port
    named = await http.post("/api/shares", json={"file_id": str(file_id)}, headers={"Host": f"localhost:{port}"})
    assert named.json()["link"].startswith(f"http://localhost:{port}/s#")
