"""A route that is recorded in the audit log, served by itself; and what the log says."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.local.ports import free_ports
from services.search.audit import repository
from services.search.audit.recording import Recorder
from services.search.audit.repository import Entry
from services.search.identity.callers import Caller, Means
from services.search.identity.roles import Role
from services.search.identity.roles import Scope as Right
from services.search.server import serve
from services.search.settings import SearchSettings
from shared.database import Database
from shared.identifiers import new_id
from tests.support.serving import answers
from tests.support.waiting import until_so

ADA = Caller("ada", Means.KEY, new_id(), new_id(), Role.ADMIN, frozenset(Right))
ROUTE = "/api/things/{thing_id}"

REFUSE = """
    CREATE FUNCTION refuse_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
    CREATE TRIGGER refuse_entries BEFORE {} ON audit_log EXECUTE FUNCTION refuse_entries();
"""
ALLOW = "DROP TRIGGER IF EXISTS refuse_entries ON audit_log; DROP FUNCTION IF EXISTS refuse_entries"


@asynccontextmanager
async def recorded(
    recorder: Recorder, route: ASGIApp, *, caller: Caller = ADA, path_params: Mapping[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that has one route, which is recorded."""
    settings = SearchSettings.model_validate({"port": free_ports(1)[0]})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/livez":
            await PlainTextResponse("")(scope, receive, send)
            return
        scope.update({"caller": caller, "path_params": dict(path_params or {})})
        await recorder.around(route, ROUTE, scope, receive, send)

    async def nothing() -> None:
        return

    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, settings, stop, before_end=nothing))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", trust_env=False, timeout=60.0) as client:
            await until_so(partial(answers, client))
            yield client
    finally:
        stop.set()
        await serving


async def entries(database: Database, **wanted: Any) -> list[Entry]:
    """The audit log, the first first."""
    async with database.connection() as connection:
        return (await repository.page(connection, wanted, limit=1000))[::-1]


@asynccontextmanager
async def refusing(database: Database, what: str) -> AsyncIterator[None]:
    """Postgres takes no entries (INSERT), or no changes of them (UPDATE), for a while."""
    async with database.connection() as connection:
        await connection.execute(REFUSE.format(what).encode())
    try:
        yield
    finally:
        async with database.connection() as connection:
            await connection.execute(ALLOW.encode())
