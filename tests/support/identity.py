"""People for tests: who asks, with a key or a session made by the repository itself."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from services.search.identity import keys, people, sessions
from services.search.identity.people import Person
from services.search.identity.roles import ALLOWED, Role, Scope
from services.search.identity.shown import COOKIE, CSRF_HEADER
from services.search.identity.tokens import csrf_token
from shared.clock import utc_now
from shared.database import Database

LASTS = timedelta(days=1)


@dataclass(frozen=True)
class Key:
    """A key and its row."""

    id: UUID
    text: str

    @property
    def headers(self) -> dict[str, str]:
        """How a program shows it."""
        return {"Authorization": f"Bearer {self.text}"}


@dataclass(frozen=True)
class Session:
    """A session and its row."""

    id: UUID
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """How a browser and the page in it show it."""
        return {"Cookie": f"{COOKIE}={self.token}", CSRF_HEADER: csrf_token(self.token)}


async def person(database: Database, role: Role = Role.ADMIN, name: str | None = None) -> Person:
    """The person with this name, made if there is none: named like the role, unless given. There is no password."""
    async with database.transaction() as connection:
        return await people.named(connection, name or role) or await people.add(connection, name=name or role, role=role)


async def key_of(
    database: Database, who: Person, *, scopes: Collection[Scope] | None = None, expires_at: datetime | None = None
) -> Key:
    """A key of a person, with all scopes of the role unless given."""
    async with database.transaction() as connection:
        given = ALLOWED[who.role] if scopes is None else scopes
        return Key(*await keys.add(connection, who.id, name="of a test", scopes=given, expires_at=expires_at))


async def session_of(database: Database, who: Person, *, now: datetime | None = None, address: str | None = None) -> Session:
    """A session of a person, begun just now unless said otherwise."""
    async with database.transaction() as connection:
        begun = await sessions.begin(
            connection, who.id, now=now or utc_now(), lasts=LASTS, address=address, user_agent="of a test"
        )
    return Session(begun.id, begun.token)


@asynccontextmanager
async def client_as(
    http: httpx.AsyncClient, database: Database, role: Role, *, scopes: Collection[Scope] | None = None, name: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway that `http` is one of, with a key of somebody who has this role."""
    key = await key_of(database, await person(database, role, name), scopes=scopes)
    async with client(http, key.headers) as known:
        yield known


@asynccontextmanager
async def client(http: httpx.AsyncClient, headers: dict[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """Another client of the same gateway, which shows only these headers: nobody's, if there are none."""
    async with httpx.AsyncClient(base_url=http.base_url, headers=headers, trust_env=False, timeout=60.0) as another:
        yield another


def bearer(http: httpx.AsyncClient) -> str:
    """The line by which a request that is written by hand shows the key of a client."""
    return f"Authorization: {http.headers['Authorization']}\r\n"
