"""The audit log over HTTP: listed, filtered, shown, exported and purged."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.search.audit import exports, repository
from services.search.audit.intents import intent_of
from services.search.audit.purging import purge, purging
from services.search.audit.schemas import AuditEntry, AuditLog
from services.search.audit.secrets import TAKEN_OUT, KeptBody
from services.search.identity.callers import Caller, Means
from services.search.identity.roles import Role
from services.search.identity.shown import CSRF_HEADER
from shared.clock import utc_now
from shared.database import Database
from shared.errors import NotFound
from shared.identifiers import new_id
from tests.support.auditing import ADA, entries, refusing
from tests.support.identity import client, client_as
from tests.support.waiting import until_so

pytestmark = pytest.mark.connected

EVE = Caller("eve", Means.SESSION, new_id(), new_id(), Role.EDITOR)


async def add(
    database: Database,
    caller: Caller = ADA,
    method: str = "POST",
    route: str = "/api/batch/{action}",
    *,
    status: int | None = 202,
    ends: bool = True,
    agent: str = "Test/1",
    noted: dict[str, Any] | None = None,
    body: str | None = None,
) -> int:
    """An entry."""
    scope = {"method": method, "query_string": b"", "headers": [(b"user-agent", agent.encode())], "client": ("127.0.0.1", 1)}
    async with database.connection() as connection:
        intent = intent_of(scope, caller, route, KeptBody(body), "r-1")
        entry_id = await repository.begin(connection, intent)
        if ends:
            await repository.end(connection, entry_id, caller, status, noted or {})
    return entry_id


async def ids(http: httpx.AsyncClient, **params: Any) -> list[int]:
    """The entries that are listed."""
    answer = await http.get("/api/audit", params=params)
    assert answer.is_success, answer.text
    return [entry.id for entry in AuditLog.model_validate(answer.json()).entries]


async def test_entries_are_listed_the_latest_first_page_by_page(http: httpx.AsyncClient, database: Database) -> None:
    made = [await add(database) for _ in range(5)]
    found, cursor = list[int](), dict[str, str]()
    while True:
        told = AuditLog.model_validate((await http.get("/api/audit", params={"limit": 2, **cursor})).json())
        found += [entry.id for entry in told.entries]
        if told.next_cursor is None:
            break
        cursor = {"cursor": told.next_cursor}
    assert found == made[::-1]
    assert (await http.get("/api/audit", params={"cursor": "none of ours"})).status_code == 422


async def test_they_are_filtered(http: httpx.AsyncClient, database: Database) -> None:
    job, file = new_id(), new_id()
    ada = await add(database, noted={"job_id": str(job)})
    eve = await add(database, EVE, "DELETE", "/api/watches/{watch_id}", status=404, body=json.dumps({"file_ids": [str(file)]}))
    broken = await add(database, EVE, status=None)
    failed = await add(database, EVE, status=500)
    unknown = await add(database, EVE, ends=False)
    assert await ids(http, actor="ada") == [ada]
    assert await ids(http, method="DELETE") == await ids(http, route="/api/watches/{watch_id}") == [eve]
    assert await ids(http, about=str(job)) == [ada]
    assert await ids(http, about=str(file)) == [eve]
    outcomes = {"done": ada, "refused": eve, "broken off": broken, "failed": failed, "unknown": unknown}
    for outcome, entry_id in outcomes.items():
        assert await ids(http, outcome=outcome) == [entry_id]
    now = utc_now()
    assert await ids(http, since=(now + timedelta(hours=1)).isoformat()) == []
    assert len(await ids(http, since=(now - timedelta(hours=1)).isoformat(), until=(now + timedelta(hours=1)).isoformat())) == 5
    assert await ids(http, actor="eve", outcome="failed") == [failed]


async def test_one_is_shown(http: httpx.AsyncClient, database: Database) -> None:
    entry_id = await add(database, noted={"job_id": str(new_id())})
    told = AuditEntry.model_validate((await http.get(f"/api/audit/{entry_id}")).json())
    assert (told.id, told.actor, told.status, told.outcome, told.times) == (entry_id, "ada", 202, "done", 1)
    assert (await http.get(f"/api/audit/{entry_id + 1}")).status_code == 404


async def test_it_is_for_administrators(http: httpx.AsyncClient, database: Database) -> None:
    async with client_as(http, database, Role.EDITOR) as editor, client(http) as stranger:
        for path in ("/api/audit", "/api/audit/1", "/api/audit/export"):
            assert (await editor.get(path)).status_code == 403
            assert (await stranger.get(path)).status_code == 401


async def test_it_is_exported_in_pages(http: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    made = [await add(database, agent='=HYPERLINK("x")', body=json.dumps({"text": 'a "b",\nc'})) for _ in range(5)]
    other = await add(database, EVE)
    lines = (await http.get("/api/audit/export", params={"actor": "ada"})).text.splitlines()
    told = [AuditEntry.model_validate_json(line) for line in lines]
    assert [entry.id for entry in told] == made[::-1]
    answer = await http.get("/api/audit/export", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["id"]) for row in rows] == [other, *made[::-1]]
    assert (rows[1]["user_agent"], json.loads(rows[1]["body"])) == ('\'=HYPERLINK("x")', {"text": 'a "b",\nc'})
    assert answer.headers["content-disposition"].endswith(".csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_what_is_old_is_purged_and_nothing_else(database: Database) -> None:
    made = [await add(database) for _ in range(7)]
    async with database.connection() as connection:
        await connection.execute("UPDATE audit_log SET at = now() - interval '401 days' WHERE id <= %s", (made[4],))
        await connection.execute("UPDATE audit_log SET at = now() - interval '399 days' WHERE id = %s", (made[5],))
    assert await purge(database, 400, batch=2) == 5
    assert [entry.id for entry in await entries(database)] == made[5:]
    assert await purge(database, 400) == 0


async def test_it_is_purged_at_the_start(database: Database) -> None:
    await add(database)
    async with database.connection() as connection:
        await connection.execute("UPDATE audit_log SET at = now() - interval '2 days'")
    async with purging(database, 1):
        await until_so(_empty(database))


def _empty(database: Database) -> Callable[[], Any]:
    async def empty() -> bool:
        return not await entries(database)

    return empty


async def test_an_entry_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(NotFound):
            await repository.find(connection, 1)


async def test_a_price_that_was_agreed_to_is_noted_with_its_job(http: httpx.AsyncClient, database: Database) -> None:
    answer = await http.post("/api/batch/proxy", json={"filter": {}})
    [entry] = await entries(database)
    assert entry.noted == {"job_id": answer.json()["job_id"], "files": 0}
    assert await ids(http, about=answer.json()["job_id"]) == [entry.id]
    assert UUID(entry.noted["job_id"])


async def test_who_signs_in_and_who_fails_to_is_told_without_the_password(http: httpx.AsyncClient, database: Database) -> None:
    password = "a horse that reads maps"
    made = await http.post("/api/people", json={"name": "grace", "role": "editor", "password": password})
    grace = UUID(made.json()["person"]["id"])
    async with client(http) as browser:
        assert (await browser.post("/api/session", json={"name": "grace", "password": "wrong"})).status_code == 401
        begun = await browser.post("/api/session", json={"name": "grace", "password": password})
        browser.headers[CSRF_HEADER] = begun.json()["csrf_token"]
        change = {"current": password, "new": "another horse that reads"}
        assert (await browser.put("/api/session/password", json=change)).status_code == 204
        assert (await browser.delete("/api/session")).status_code == 204
    added, failed, signed_in, changed, signed_out = await entries(database)
    assert (added.actor, added.body) == ("admin", {"name": "grace", "role": "editor", "password": TAKEN_OUT})
    assert (failed.actor, failed.outcome, failed.body) == ("nobody", "refused", {"name": "grace", "password": TAKEN_OUT})
    for entry in (signed_in, changed, signed_out):
        assert (entry.actor, entry.person_id, entry.means, entry.outcome) == ("grace", grace, "session", "done")
    assert (signed_out.method, signed_out.route, signed_out.means_id) == ("DELETE", "/api/session", signed_in.means_id)
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT string_agg(audit_log::text, '') FROM audit_log")).fetchone()
    assert row is not None
    assert "horse" not in row[0]


async def test_strangers_and_the_curious_are_counted(http: httpx.AsyncClient, database: Database) -> None:
    async with client(http) as stranger, client_as(http, database, Role.VIEWER, name="vera") as vera:
        for _ in range(5):
            assert (await stranger.post("/api/tags", json={"name": "x"})).status_code == 401
            assert (await vera.post("/api/tags", json={"name": "x"})).status_code == 403

    async def is_so() -> bool:
        return sum(entry.times for entry in await entries(database)) == 10

    await until_so(is_so)
    found = await entries(database)
    assert {(entry.actor, entry.route, entry.status) for entry in found} == {
        ("nobody", "/api/tags", 401),
        ("vera", "/api/tags", 403),
    }
    assert len(found) <= 4  # twice, if a minute ended meanwhile


async def test_while_the_log_cannot_be_written_nothing_is_changed_and_all_is_read(
    http: httpx.AsyncClient, database: Database
) -> None:
    async with refusing(database, "INSERT"):
        assert (await http.post("/api/tags", json={"name": "falls"})).status_code == 503
        assert (await http.get("/api/tags")).json()["tags"] == []
    assert (await http.post("/api/tags", json={"name": "falls"})).status_code == 201
    assert [entry.route for entry in await entries(database)] == ["/api/tags"]
