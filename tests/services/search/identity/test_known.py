"""Callers are looked up once in a while, and no longer known than they may be."""

import asyncio
from datetime import datetime, timedelta

import pytest

from services.search.identity import keys, people, sessions
from services.search.identity.callers import Means
from services.search.identity.known import Known
from services.search.identity.roles import Role
from shared.clock import utc_now
from shared.database import Connection, Database
from tests.support.identity import key_of, person, session_of

pytestmark = pytest.mark.connected

IDLE = timedelta(days=7)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moved = 0.0
        self.began = utc_now()

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.moved)

    def seconds(self) -> float:
        return self.moved


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(database: Database, clock: Clock) -> Known:
    return Known(database, idle=IDLE, now=clock.now, clock=clock.seconds, most=3)


async def test_a_caller_is_remembered_for_two_seconds(database: Database, known: Known, clock: Clock) -> None:
    key = await key_of(database, await person(database))
    assert await known.by_secret(Means.KEY, key.text)
    async with database.transaction() as connection:
        await keys.revoke(connection, key.id, of=None)
    clock.moved = 1.9
    assert await known.by_secret(Means.KEY, key.text)
    clock.moved = 2.1
    assert await known.by_secret(Means.KEY, key.text) is None
    await known.noted()


async def test_what_is_changed_here_is_known_at_once(database: Database, known: Known) -> None:
    ada, bob = await person(database, Role.ADMIN, "ada"), await person(database, Role.ADMIN, "bob")
    of_ada, of_bob = await session_of(database, ada), await key_of(database, bob)
    for _ in range(2):
        assert await known.by_secret(Means.SESSION, of_ada.token)
        assert await known.by_secret(Means.KEY, of_bob.text)
    async with database.transaction() as connection:
        await sessions.end_all(connection, ada.id)
        await people.change(connection, ada.id, role=Role.VIEWER)
        await keys.revoke(connection, of_bob.id, of=None)
    known.forget(ada.id)
    assert await known.by_secret(Means.SESSION, of_ada.token) is None
    assert await known.by_secret(Means.KEY, of_bob.text)  # another's change is for the others to find out
    await known.noted()


async def test_a_look_that_began_before_a_change_is_not_remembered(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await person(database)
    key = await key_of(database, ada)
    known = Known(database, idle=IDLE, now=clock.now, clock=clock.seconds)
    await known.by_secret(Means.KEY, key.text)
    clock.moved = 3
    looking = asyncio.create_task(known.by_secret(Means.KEY, key.text))
    await asyncio.sleep(0)
    known.forget(ada.id)
    assert await looking
    async with database.transaction() as connection:
        await keys.revoke(connection, key.id, of=None)
    assert await known.by_secret(Means.KEY, key.text) is None
    await known.noted()


async def test_expiry_is_looked_at_each_time(database: Database, known: Known, clock: Clock) -> None:
    who = await person(database)
    key = await key_of(database, who, expires_at=clock.began + timedelta(seconds=1))
    caller = await known.by_secret(Means.KEY, key.text)
    assert caller
    assert await known.again(caller)
    clock.moved = 1.0
    assert await known.by_secret(Means.KEY, key.text) is None
    assert await known.again(caller) is None
    await known.noted()


async def test_a_session_ends_when_it_is_not_used(database: Database, known: Known, clock: Clock) -> None:
    session = await session_of(database, await person(database), now=clock.began)
    async with database.connection() as connection:
        await connection.execute("UPDATE sessions SET expires_at = %s", (clock.began + timedelta(days=30),))
    for days in (6.9, 13.8, 20.7):
        clock.moved = days * 86400
        assert await known.by_secret(Means.SESSION, session.token)
        await known.noted()
    clock.moved = 27.8 * 86400
    assert await known.by_secret(Means.SESSION, session.token) is None


async def test_it_is_noted_once_a_minute_who_was_here(database: Database, known: Known, clock: Clock) -> None:
    who = await person(database)
    key = await key_of(database, who)
    seen = []
    for moved in (0, 30, 59, 62, 121):
        clock.moved = moved
        await known.by_secret(Means.KEY, key.text)
        await known.noted()
        async with database.connection() as connection:
            last = (await keys.find(connection, key.id)).last_used_at
            assert (await people.find(connection, who.id)).last_seen_at == last
            assert last
            seen.append((last - clock.began).total_seconds())
    assert seen == [0, 0, 0, 62, 62]


async def test_only_so_many_are_remembered(database: Database, known: Known, clock: Clock) -> None:
    who = await person(database)
    made = [await key_of(database, who) for _ in range(4)]
    for key in made:
        assert await known.by_secret(Means.KEY, key.text)
    await known.noted()
    async with database.transaction() as connection:
        await keys.revoke_all(connection, who.id)
    assert [await known.by_secret(Means.KEY, key.text) is not None for key in reversed(made)] == [True, True, True, False]


async def test_while_it_is_noted_nobody_waits(database: Database, known: Known) -> None:
    """The row is locked by somebody: who it is, is told nevertheless."""
    key = await key_of(database, await person(database))

    async def lock(connection: Connection) -> None:
        await connection.execute("SELECT FROM api_keys FOR UPDATE")

    async with database.transaction() as connection:
        await lock(connection)
        assert await known.by_secret(Means.KEY, key.text)
    await known.noted()
