"""Every route, asked by everybody: who is let in is what the table says, and nobody else."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from nats.js import JetStreamContext
from pydantic import SecretStr

from services.search.app import create_app
from services.search.identity import admission, keys, people, sessions, tokens
from services.search.identity.access import ACCESS, Access
from services.search.identity.admission import Door, doors
from services.search.identity.roles import ALLOWED, Role, Scope
from services.search.uploads import routes as uploads
from shared import bus
from shared.clock import utc_now
from shared.database import Database
from shared.service import Platform
from shared.settings import PlatformSettings
from tests.support.data import golden
from tests.support.gateway import gateway
from tests.support.identity import Key, Session, client, key_of, person, session_of
from tests.support.serving import served

NOWHERE = str(UUID(int=0))
BROKEN = b"["
"""A body that no route takes: who is let in with it changes nothing."""
LAST = ("DELETE", "/api/session")
"""Ends the session with which it is asked."""
APART = {("POST", "/api/nova/models/refresh"), ("PUT", "/api/uploads/{upload_id}"), LAST}
"""What would be done though the body is broken."""
OTHER_INSTALLATION = "spw_{}_" + "A" * 43


@dataclass(frozen=True)
class Asker:
    """Somebody who asks, and what he shows; nobody's role and scopes are none."""

    headers: Mapping[str, str]
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    by_key: bool = False


def expected(access: Access, asker: Asker) -> int | None:
    """The status of the refusal; None for who is let in. Written anew, so that the code is not compared with itself."""
    order = [Role.VIEWER, Role.EDITOR, Role.ADMIN]
    if access.role is None:
        return None
    if asker.role is None:
        return 401
    if order.index(asker.role) < order.index(access.role):
        return 403
    if access.scope is not None:
        return None if access.scope in asker.scopes else 403
    return 403 if asker.by_key and not asker.scopes & access.key_scopes else None


def test_the_table_has_a_row_for_every_route_and_no_other() -> None:
    routes = create_app().routes
    assert all(isinstance(route, Door) for route in routes)
    found = {(method, route.path) for route in routes if isinstance(route, Door) for method in route.methods or ()}
    assert {(method, path) for method, path in found if method != "HEAD"} == set(ACCESS)
    assert {("GET", path) for method, path in found if method == "HEAD"} <= set(ACCESS)


def test_rows_are_loosened_on_purpose_only(update_test_data: bool) -> None:
    """Where this fails for a new route: see that the row is right, and run with --update-test-data."""

    def told(row: Access) -> str:
        wants = "anybody" if row.role is None else f"{row.role}, {row.scope or 'a session'}"
        also = "".join(f", or a key to {scope}" for scope in sorted(row.key_scopes))
        return f"{wants}{also}{'; recorded' * row.changes}"

    current = {f"{method} {path}": told(row) for (method, path), row in ACCESS.items()}
    assert golden("access", current, update=update_test_data) == current


def test_what_is_not_only_asked_is_recorded() -> None:
    unrecorded = {(method, path) for (method, path), row in ACCESS.items() if method != "GET" and not row.changes}
    assert unrecorded == {
        ("POST", "/api/nova/estimate-cost"),
        ("POST", "/api/uploads/{upload_id}/parts/{number}/link"),  # the upload it is for is recorded
    }
    assert not [path for (method, path), row in ACCESS.items() if method == "GET" and row.changes]


def test_a_route_without_a_row_keeps_the_gateway_from_starting() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(uploads.router)
    without = {row: access for row, access in ACCESS.items() if row != ("GET", "/api/uploads/{upload_id}/parts")}
    with pytest.raises(LookupError, match=r"GET /api/uploads/\{upload_id\}/parts has no row"):
        doors(app.routes, without)
    assert len(doors(app.routes, ACCESS)) == len(uploads.router.routes)


def test_what_cannot_have_a_door_keeps_the_gateway_from_starting() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(uploads.router, prefix="/elsewhere")
    with pytest.raises(LookupError, match="no route that can have a door"):
        doors(app.routes, {(method, f"/elsewhere{path}"): row for (method, path), row in ACCESS.items()})
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/inner", FastAPI())
    with pytest.raises(LookupError, match="no route that can have a door"):
        doors(app.routes, ACCESS)


async def askers(database: Database) -> dict[str, Asker]:
    """Everybody who may come."""
    found = {
        "nobody": Asker({}),
        "no key": Asker({"Authorization": "Bearer hello"}),
        "unknown key": Asker({"Authorization": f"Bearer {tokens.new_key()}"}),
        "unknown session": Asker(Session(UUID(int=0), tokens.new_token()).headers),
    }
    for role in Role:
        who = await person(database, role, f"{role}-session")
        found[f"{role}'s session"] = Asker((await session_of(database, who)).headers, role, ALLOWED[role])
        who = await person(database, role, f"{role}-keys")
        found[f"{role}'s key"] = Asker((await key_of(database, who)).headers, role, ALLOWED[role], by_key=True)
    admin = await person(database, Role.ADMIN, "admin-keys")
    for scope in Scope:
        key = await key_of(database, admin, scopes={scope})
        found[f"key to {scope}"] = Asker(key.headers, Role.ADMIN, frozenset({scope}), by_key=True)
    return {**found, **await out_of_date(database), **await outside(database)}


async def out_of_date(database: Database) -> dict[str, Asker]:
    """Keys and sessions that worked once, or could do more."""
    who, now = await person(database, Role.ADMIN, "was-here"), utc_now()
    ended, revoked = await session_of(database, who), await key_of(database, who)
    demoted = await person(database, Role.ADMIN, "was-admin")
    key = await key_of(database, demoted)
    async with database.transaction() as connection:
        await sessions.end(connection, who.id, ended.id)
        await keys.revoke(connection, revoked.id, of=None)
        await people.change(connection, demoted.id, role=Role.VIEWER)
    idle = await session_of(database, who)
    async with database.connection() as connection:
        await connection.execute("UPDATE sessions SET last_used_at = now() - interval '8 days' WHERE id = %s", (idle.id,))
    return {
        "ended session": Asker(ended.headers),
        "expired session": Asker((await session_of(database, who, now=now - timedelta(days=2))).headers),
        "session not used for long": Asker(idle.headers),
        "revoked key": Asker(revoked.headers),
        "expired key": Asker((await key_of(database, who, expires_at=now - timedelta(seconds=1))).headers),
        "key of who was an administrator": Asker(key.headers, Role.VIEWER, frozenset({Scope.READ}), by_key=True),
    }


async def outside(database: Database) -> dict[str, Asker]:
    """Of people who may do nothing any more, and of another installation, where the key has the same beginning."""
    who = await person(database, Role.ADMIN, "disabled")
    session, key = await session_of(database, who), await key_of(database, who)
    async with database.connection() as connection:
        await connection.execute("UPDATE people SET disabled_at = now() WHERE id = %s", (who.id,))
    foreign = Key(key.id, OTHER_INSTALLATION.format(tokens.prefix_of(key.text)))
    return {
        "session of somebody disabled": Asker(session.headers),
        "key of somebody disabled": Asker(key.headers),
        "key of another installation": Asker(foreign.headers),
    }


async def status_of(http: httpx.AsyncClient, method: str, path: str) -> int:
    """What a route answers that is asked about nothing that there is."""
    path = re.sub(r"\{(extension|number)\}", "1", re.sub(r"\{\w+_id\}", NOWHERE, path))
    path = re.sub(r"\{\w+\}", "nothing", path)
    body = BROKEN if method in ("POST", "PUT", "PATCH") else None
    headers = {"Content-Type": "application/json"} if body else {}
    async with http.stream(method, path, content=body, headers=headers) as answer:
        status, challenge = answer.status_code, answer.headers.get("www-authenticate")
        if status == 401 and challenge != "Bearer":
            return 200  # a share's own word: the door was open
        if status in (401, 403):
            assert answer.headers["content-type"] == "application/problem+json"
        return status


async def asked(http: httpx.AsyncClient, asker: Asker) -> list[str]:
    """Where somebody is answered otherwise than the table says."""
    wrong = []
    async with client(http, dict(asker.headers)) as own:
        for row in [*sorted(ACCESS.keys() - {LAST}), LAST]:
            refused = expected(ACCESS[row], asker)
            if refused is None and row in APART:
                continue
            status = await status_of(own, *row)
            if status != refused and (refused is not None or status in (401, 403) or status >= 500):
                wrong.append(f"{row}: {status} instead of {refused}")
    return wrong


@pytest.mark.connected
@pytest.mark.timeout(400)
async def test_each_route_lets_in_whom_the_table_says_and_nobody_else(http: httpx.AsyncClient, database: Database) -> None:
    everybody = await askers(database)
    wrong = await asyncio.gather(*(asked(http, asker) for asker in everybody.values()))
    assert {name: found for name, found in zip(everybody, wrong, strict=True) if found} == {}
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT kind FROM jobs")
        assert await cursor.fetchall() == []
        for table in ("uploads", "watches", "budgets", "tags", "collections", "saved_searches"):
            cursor = await connection.execute(f"SELECT count(*) FROM {table}".encode())
            assert await cursor.fetchone() == (0,), table


@pytest.mark.connected
class TestServed:
    async def test_what_is_not_there_takes_nobody(self, http: httpx.AsyncClient) -> None:
        async with client(http) as nobody:
            assert (await nobody.get("/api/nothing")).status_code == 404
            assert (await nobody.delete("/api/files")).status_code == 405
            assert (await nobody.head("/api/files")).status_code == 405
            assert (await nobody.head("/api/openapi.json")).status_code == 200

    async def test_a_refused_body_is_not_looked_at(self, http: httpx.AsyncClient) -> None:
        async with client(http) as nobody:
            refused = await nobody.post("/api/watches", content=b"[" * 1000, headers={"Content-Type": "application/json"})
        assert refused.status_code == 401
        assert refused.json()["detail"].startswith("Sign in, or send an API key")

    async def test_sentences_say_what_is_needed(self, http: httpx.AsyncClient, database: Database) -> None:
        viewer = await person(database, Role.VIEWER)
        async with client(http, (await key_of(database, viewer)).headers) as own:
            assert "role editor or admin, and yours is viewer" in (await own.post("/api/watches", json={})).json()["detail"]
            assert "takes your own session and no API key" in (await own.get("/api/sessions")).json()["detail"]
        editor = await person(database, Role.EDITOR)
        async with client(http, (await key_of(database, editor, scopes={Scope.READ})).headers) as own:
            assert "the scope write; yours has read" in (await own.post("/api/watches", json={})).json()["detail"]
        async with client(http, {"Authorization": f"Bearer {tokens.new_key()}"}) as own:
            assert "not known here, has expired or was revoked" in (await own.get("/api/files")).json()["detail"]
        async with client(http, Session(UUID(int=0), tokens.new_token()).headers) as own:
            assert "session has ended" in (await own.get("/api/files")).json()["detail"]

    async def test_a_stale_cookie_does_not_close_what_is_open(self, http: httpx.AsyncClient) -> None:
        async with client(http, Session(UUID(int=0), tokens.new_token()).headers) as own:
            assert (await own.get("/")).status_code == 200
            assert (await own.get("/livez")).status_code == 200

    async def test_health_answers_a_key_while_postgres_is_away(
        self, settings: PlatformSettings, database: Database, stream: JetStreamContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(admission, "PATIENCE", 0.2)
        async with gateway(settings.database_url.get_secret_value()) as way:
            own = Platform.build("test", settings.model_copy(update={"database_url": SecretStr(way.url)}))
            await own.database.open()
            nats = await bus.connect(settings.nats_url.get_secret_value(), name="test-gateway")
            async with served(own, nats) as http:
                await way.shut()
                assert (await http.get("/livez", timeout=5)).status_code == 200
            await own.database.close()

    async def test_a_page_of_another_site_cannot_use_the_cookie(self, http: httpx.AsyncClient, database: Database) -> None:
        session = await session_of(database, await person(database))
        cookie = {"Cookie": session.headers["Cookie"]}
        async with client(http, cookie) as own:
            assert (await own.get("/api/watches")).status_code == 200
            for token in (None, "", "x", tokens.csrf_token(tokens.new_token())):
                headers = {} if token is None else {"X-CSRF-Token": token}
                refused = await own.delete("/api/session", headers=headers)
                assert refused.status_code == 403
                assert "X-CSRF-Token" in refused.json()["detail"]
            right = {"X-CSRF-Token": tokens.csrf_token(session.token)}
            foreign = await own.delete("/api/session", headers={**right, "Origin": "https://evil.example"})
            assert foreign.status_code == 403
            assert (await own.get("/api/session")).status_code == 200
            assert (await own.delete("/api/session", headers=right)).status_code == 204
            assert (await own.get("/api/session")).status_code == 401

    async def test_a_key_goes_before_a_session_and_a_proxys_password_does_not(
        self, http: httpx.AsyncClient, database: Database
    ) -> None:
        session = await session_of(database, await person(database))
        async with client(http, {**session.headers, "Authorization": f"Bearer {tokens.new_key()}"}) as own:
            assert (await own.get("/api/files")).status_code == 401
        async with client(http, {**session.headers, "Authorization": "Basic YTpi"}) as own:
            assert (await own.get("/api/files")).status_code == 200
