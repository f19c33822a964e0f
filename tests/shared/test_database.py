"""The pool, and the driver's errors as ours."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from shared import database as module
from shared import jobs
from shared.database import Connection, Database, translated
from shared.errors import DatabaseUnavailable, NotFound, SpillwayError, Transient, Unavailable
from shared.settings import PlatformSettings
from tests.support.gateway import Gateway, gateway
from tests.support.library import count
from tests.support.waiting import until_so


@pytest.mark.parametrize(
    "error",
    [psycopg.OperationalError("gone"), psycopg.InterfaceError("closed"), PoolTimeout("full"), errors.AdminShutdown("end")],
)
def test_a_lost_connection_is_an_outage(error: Exception) -> None:
    with pytest.raises(DatabaseUnavailable, match="Postgres cannot be used"), translated():
        raise error


@pytest.mark.parametrize("error", [errors.DeadlockDetected("lock"), errors.SerializationFailure("order")])
def test_a_transaction_that_was_undone_may_pass_next_time(error: Exception) -> None:
    with pytest.raises(Transient, match="undid the transaction") as raised, translated():
        raise error
    assert not isinstance(raised.value, Unavailable)


@pytest.mark.parametrize(
    "error", [errors.UniqueViolation("twice"), errors.UndefinedTable("no"), ValueError("x"), NotFound("a", 1)]
)
def test_bugs_and_our_own_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, translated():
        raise error
    assert raised.value is error


async def test_a_server_that_is_not_there_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN_TIMEOUT", 0.2)
    database = Database("postgresql://127.0.0.1:9/none")
    with pytest.raises(DatabaseUnavailable):
        await database.open()
    await database.close()


async def add_job(connection: Connection) -> UUID:
    return await jobs.create(connection, "test", {})


@pytest.mark.connected
async def test_a_transaction_commits_at_its_end_and_a_statement_at_once(database: Database) -> None:
    async with database.transaction() as connection:
        await add_job(connection)
        assert await count(database, "jobs") == 0
    async with database.connection() as connection:
        await add_job(connection)
        assert await count(database, "jobs") == 2


@pytest.mark.connected
async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:

    async def fail() -> None:
        async with database.transaction() as connection:
            await add_job(connection)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await count(database, "jobs") == 0


@pytest.mark.connected
async def test_of_two_transactions_in_each_others_way_one_may_try_again(database: Database) -> None:
    async with database.connection() as connection:
        first, second = [await add_job(connection) for _ in range(2)]
    both = asyncio.Barrier(2)

    async def touch(one: UUID, other: UUID) -> None:
        async with database.transaction() as connection:
            await connection.execute("SET LOCAL deadlock_timeout = '50ms'")
            await jobs.start(connection, one)
            await both.wait()
            await jobs.start(connection, other)

    results = await asyncio.gather(touch(first, second), touch(second, first), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Transient"]


@pytest.fixture
async def way(settings: PlatformSettings) -> AsyncIterator[Gateway]:
    async with gateway(settings.database_url.get_secret_value()) as way:
        yield way


@pytest.fixture
async def through(way: Gateway, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A pool of one connection, which the gateway can cut."""
    monkeypatch.setattr(module, "CHECKOUT_TIMEOUT", 1.5)
    database = Database(way.url, connections=1)
    await database.open()
    yield database
    await database.close()


async def works(database: Database) -> bool:
    try:
        async with database.connection() as connection:
            await connection.execute("SELECT 1")
    except SpillwayError:
        return False
    return True


@pytest.mark.connected
async def test_a_connection_lost_in_the_middle_is_an_outage_and_the_pool_recovers(through: Database, way: Gateway) -> None:

    async def lose_the_connection() -> None:
        async with through.transaction() as connection:
            await connection.execute("SELECT 1")
            await way.shut()
            await connection.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable):
        await lose_the_connection()
    assert not await works(through)
    await way.open()
    await until_so(lambda: works(through), within=20)


@pytest.mark.connected
@pytest.mark.parametrize("idle", [0.0, 3600.0], ids=["checked", "unchecked"])
async def test_a_connection_that_broke_while_it_lay_idle_is_replaced_unseen(
    through: Database, way: Gateway, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    monkeypatch.setattr(module, "IDLE", idle)
    assert await works(through)
    await way.shut()
    await way.open()
    assert await works(through) is (idle == 0.0)


@pytest.mark.connected
async def test_when_every_connection_is_in_use_there_is_an_outage_and_no_hang(through: Database) -> None:
    async with through.connection():
        with pytest.raises(DatabaseUnavailable):
            async with through.connection():
                pass


@pytest.mark.connected
async def test_rows_that_are_not_there_stay_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.connection() as connection:
            await jobs.find(connection, uuid4())
