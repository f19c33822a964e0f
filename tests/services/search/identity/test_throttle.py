"""Who fails to sign in waits, longer each time; who owns the name does not wait for ever."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from services.search.identity import people, signing_in, throttle
from services.search.identity.passwords import Passwords
from services.search.identity.roles import Role
from services.search.identity.waits import PATIENCE, Kind, Patience, counted, network
from shared.clock import utc_now
from shared.database import Database
from tests.support.identity import client, person, session_of

NOW = utc_now()
HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (5, 0), (6, 1), (7, 2), (8, 4), (15, 512), (16, 900), (17, 900), (10_000, 900)]
)
def test_waits_double_up_to_the_longest(failures: int, seconds: int) -> None:
    assert Patience(5, timedelta(minutes=15)).wait(failures) == timedelta(seconds=seconds)


def test_others_cannot_keep_the_owner_waiting_for_long() -> None:
    assert PATIENCE[Kind.NAME].longest <= timedelta(seconds=30)
    assert PATIENCE[Kind.ADDRESS].longest <= timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff", "2001:db8::/64"),
        ("", ""),
    ],
)
def test_one_customers_addresses_count_as_one(address: str, same: str) -> None:
    assert network(address) == same


def test_neither_names_nor_addresses_are_kept() -> None:
    assert {len(who) for who in counted("ada", HERE).values()} == {32}
    assert counted("ada", HERE)[Kind.PAIR] != counted("ada1", "0.0.0.1")[Kind.PAIR]


async def tried(database: Database, name: str, address: str, now: datetime) -> float:
    """Seconds that a try has to wait; it fails if it need not."""
    async with database.transaction() as connection:
        return (await throttle.begin(connection, name, address, now)).total_seconds()


@pytest.mark.connected
class TestCounted:
    async def test_five_tries_are_free_and_the_waits_grow(self, database: Database) -> None:
        now = NOW
        for _ in range(6):
            assert await tried(database, "ada", HERE, now) == 0
        waits = []
        for _ in range(12):
            waits.append(await tried(database, "ada", HERE, now))
            now += timedelta(seconds=waits[-1])
            assert await tried(database, "ada", HERE, now) == 0
        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]

    async def test_who_waits_is_not_counted(self, database: Database) -> None:
        for _ in range(6):
            await tried(database, "ada", HERE, NOW)
        for _ in range(20):
            assert await tried(database, "ada", HERE, NOW) == 1
        assert await tried(database, "ada", HERE, NOW + timedelta(seconds=1)) == 0

    async def test_many_at_once_are_no_way_around(self, database: Database) -> None:
        waits = await asyncio.gather(*(tried(database, "ada", HERE, NOW) for _ in range(30)))
        assert waits.count(0) == 6

    async def test_who_succeeds_begins_anew(self, database: Database) -> None:
        for _ in range(6):
            await tried(database, "ada", HERE, NOW)
        async with database.transaction() as connection:
            await throttle.succeed(connection, "ada", HERE, NOW)
        for _ in range(6):
            assert await tried(database, "ada", HERE, NOW) == 0
        assert await tried(database, "ada", HERE, NOW) == 1

    async def test_one_address_that_tries_every_name_waits(self, database: Database) -> None:
        waits = [await tried(database, f"name{number}", HERE, NOW) for number in range(40)]
        assert waits == [0.0] * 31 + [1.0] * 9
        assert await tried(database, "ada", THERE, NOW) == 0

    async def test_many_addresses_that_try_one_name_wait_and_its_owner_at_home_does_not(self, database: Database) -> None:
        now = NOW
        for number in range(60):
            if wait := await tried(database, "ada", f"10.1.0.{number}", now):
                now += timedelta(seconds=wait)
                await tried(database, "ada", f"10.1.0.{number}", now)
        assert 0 < await tried(database, "ada", THERE, now) <= 30
        ada = await person(database, Role.EDITOR, "ada")
        await session_of(database, ada, now=now - timedelta(days=3), address=HERE)
        assert await tried(database, "ada", HERE, now) == 0

    async def test_what_is_long_ago_is_forgotten(self, database: Database) -> None:
        for _ in range(6):
            await tried(database, "ada", HERE, NOW)
        later = NOW + timedelta(days=1, seconds=1)
        assert await tried(database, "bob", THERE, later) == 0
        async with database.connection() as connection:
            cursor = await connection.execute("SELECT count(*) FROM sign_in_failures")
            assert await cursor.fetchone() == (3,)


@pytest.mark.connected
async def test_who_has_to_wait_is_told_how_long_also_with_the_right_password(
    http: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [NOW]
    monkeypatch.setattr(signing_in, "utc_now", lambda: now[0])
    ada = await person(database, Role.EDITOR, "ada")
    async with database.transaction() as connection:
        await people.set_password(connection, ada.id, await Passwords().hashed("a horse that reads maps"))
    async with client(http) as browser:
        wrong, right = ({"name": "ada", "password": password} for password in ("wrong", "a horse that reads maps"))
        for _ in range(6):
            assert (await browser.post("/api/session", json=wrong)).status_code == 401
        for ask in (wrong, right):
            waits = await browser.post("/api/session", json=ask)
            assert (waits.status_code, waits.headers["retry-after"]) == (429, "1")
            assert "Wait 1 s" in waits.json()["detail"]
        now[0] += timedelta(seconds=1)
        assert (await browser.post("/api/session", json=right)).status_code == 200
        assert (await browser.post("/api/session", json=wrong)).status_code == 401
