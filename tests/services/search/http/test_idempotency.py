"""What is asked for twice under one key is done once, whatever was asked for; and every POST says whether it takes a key."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.search import openapi
from services.search.identity.roles import Role
from shared import jobs
from shared.database import Database
from shared.jobs import Selection
from tests.support.identity import client_as
from tests.support.library import count
from tests.support.searching import library

DOCUMENT: dict[str, Any] = json.loads(openapi.rendered())
NOT_TWICE = "what it does once it does not do again"
BY_NAME = "a second one of the same name is refused"
ONLY_TELLS = "it changes nothing"
WITHOUT: Mapping[str, str] = {
    "/api/batch/{job_id}/cancel": NOT_TWICE,
    "/api/collections": BY_NAME,
    "/api/collections/{collection_id}/files": NOT_TWICE,
    "/api/dead-letters/resend": "a letter that was sent waits, and is not sent again",
    "/api/dead-letters/{letter_id}/resend": "a letter that was sent waits, and is not sent again",
    "/api/events/rebuild/{job_id}/cancel": NOT_TWICE,
    "/api/files/{file_id}/transcripts": "the same content is the same transcript",
    "/api/files/{name}/{job_id}/apply": NOT_TWICE,
    "/api/files/{name}/{job_id}/cancel": NOT_TWICE,
    "/api/keys": "a key is shown once, and cannot be told again",
    "/api/nova/budgets": "it neither works nor costs",
    "/api/nova/cancel/{nova_job_id}": NOT_TWICE,
    "/api/nova/estimate-cost": ONLY_TELLS,
    "/api/nova/image/cancel/{nova_job_id}": NOT_TWICE,
    "/api/nova/models/refresh": NOT_TWICE,
    "/api/people": BY_NAME,
    "/api/people/{person_id}/password": NOT_TWICE,
    "/api/proxies/reconcile/{job_id}/apply": NOT_TWICE,
    "/api/searches": BY_NAME,
    "/api/session": "each is a session of its own",
    "/api/tags": BY_NAME,
    "/api/tags/{tag_id}/files": NOT_TWICE,
    "/api/tags/{tag_id}/merge": NOT_TWICE,
    "/api/transcripts/{transcript_id}/edits/{edit_id}/undo": NOT_TWICE,
    "/api/transcripts/{transcript_id}/segments": "it costs nothing, and can be undone",
    "/api/transcripts/{transcript_id}/segments/{segment_id}/merge": "edits name the version that they are of",
    "/api/transcripts/{transcript_id}/segments/{segment_id}/split": "edits name the version that they are of",
    "/api/transcripts/{transcript_id}/speakers": NOT_TWICE,
    "/api/uploads": "an upload of the same file goes on where it is",
    "/api/uploads/{upload_id}/complete": NOT_TWICE,
    "/api/uploads/{upload_id}/parts/{number}/link": ONLY_TELLS,
    "/api/watches": BY_NAME,
}
"""Why these take no key."""


def test_every_post_takes_a_key_or_needs_none() -> None:
    posts = {path: methods["post"] for path, methods in DOCUMENT["paths"].items() if "post" in methods}
    keyed = {
        path
        for path, operation in posts.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
    }
    assert keyed | WITHOUT.keys() == posts.keys() | WITHOUT.keys()
    assert not keyed & WITHOUT.keys()


async def ask(http: httpx.AsyncClient, path: str, body: Mapping[str, Any], key: str = "once") -> httpx.Response:
    return await http.post(path, json=body, headers={"Idempotency-Key": key})


ASKED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("/api/files/import-directory", {"path": "."}, {"path": ".", "apply": False}),
    ("/api/files/rescan", {"path": "."}, {"path": ".", "apply": True}),
    ("/api/files/rescan", {}, {"apply": True}),
    ("/api/proxies/reconcile", {}, {"apply": True}),
    ("/api/batch/transcribe", {"filter": {}}, {"filter": {"kind": "video"}}),
    ("/api/nova/embeddings/generate", {"filter": {}, "force": True}, {"filter": {}}),
]


@pytest.mark.connected
@pytest.mark.parametrize(("path", "body", "other"), ASKED, ids=[f"{path}-{at}" for at, (path, _, _) in enumerate(ASKED)])
async def test_the_same_key_is_the_same_job_and_no_other(
    database: Database, http: httpx.AsyncClient, tmp_path: Path, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    body, other = ({**one, **({"path": str(tmp_path)} if "path" in one else {})} for one in (body, other))
    first, *again = await asyncio.gather(*(ask(http, path, body) for _ in range(4)))
    assert first.status_code == 202, first.text
    assert [answer.json() for answer in again] == [first.json()] * 3
    assert await count(database, "jobs") == await count(database, "outbox") == 1
    refused = await ask(http, path, other)
    assert refused.status_code == 422
    assert "Idempotency-Key was used for another request" in refused.json()["detail"]
    assert (await ask(http, path, other, "twice")).status_code == 202
    async with client_as(http, database, Role.EDITOR, name="ed") as ed:
        mine = await ask(ed, path, other)
        assert (mine.status_code, mine.json()["job_id"] != first.json()["job_id"]) == (202, True), "keys are people's own"
    assert await count(database, "jobs") == 3


@pytest.mark.connected
async def test_an_import_is_the_same_when_its_folder_is_gone_and_its_report_approved(
    database: Database, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    first = await ask(http, "/api/files/import-directory", {"path": str(folder), "apply": False})
    job_id = UUID(first.json()["job_id"])
    async with database.transaction() as connection:
        await connection.execute("UPDATE jobs SET state = 'reported'")
        await jobs.approve(connection, job_id, Selection(paths=["a"]), source="test")
    folder.rmdir()
    again = await ask(http, "/api/files/import-directory", {"path": str(folder), "apply": False})
    assert (again.status_code, again.json()) == (202, first.json())
    assert (await ask(http, "/api/files/import-directory", {"path": str(folder)}, "twice")).status_code == 422


@pytest.mark.connected
async def test_what_failed_is_tried_again_once(database: Database, http: httpx.AsyncClient) -> None:
    ids = await library(database)
    begun = (await http.post("/api/batch/proxy", json={"filter": {}, "force": True})).json()["job_id"]
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO job_items (job_id, path_raw, path, file_id, kind, state) VALUES (%s, 'a', 'a', %s, 'video', 'failed')",
            (begun, ids["smith"]),
        )
        await connection.execute("UPDATE file_stages SET state = 'failed' WHERE file_id = %s", (ids["smith"],))
    first, second = await asyncio.gather(*(ask(http, f"/api/batch/{begun}/retry", {}) for _ in range(2)))
    assert first.status_code == 202, first.text
    assert (first.json(), first.json()["total_files"]) == (second.json(), 1)
    assert await count(database, "jobs") == 2
