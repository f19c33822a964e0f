"""Postgres: one pool per process, transactions, and driver errors turned into ours at this edge."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, errors
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from shared.errors import DatabaseUnavailable, TablesMissing, Transient

Connection = AsyncConnection[Any]
"""A connection as repositories take it; they never commit."""

OPEN_TIMEOUT = 15.0
"""Seconds until a wrong URL or a server that is down is reported at start."""
CHECKOUT_TIMEOUT = 10.0
"""Seconds to wait for a connection: long enough for a server that restarts, short enough to give the message back."""


SEARCHED = re.compile(r"\b(moments|embeddings|file_facts)\b")
"""The tables that can be made anew, in what Postgres says of a table or column that is not there."""

IDLE = 1.0
"""Seconds without use after which a connection is tried before it is given out; asking always costs a quarter of the rate."""


class PooledConnection(AsyncConnection[Any]):
    """A connection that remembers when it was last given out, by the monotonic clock."""

    used_at = 0.0


async def check_idle(connection: PooledConnection) -> None:
    """Raise if a connection that lay idle does not answer, so that the pool replaces it."""
    now = time.monotonic()
    if now - connection.used_at > IDLE:
        await AsyncConnectionPool.check_connection(connection)
    connection.used_at = now


class Database:
    """The process's connection pool. Connections are in autocommit mode; `transaction` opens a transaction on one."""

    def __init__(self, url: str, *, connections: int = 8) -> None:
        self._pool: AsyncConnectionPool[PooledConnection] = AsyncConnectionPool(
            url,
            connection_class=PooledConnection,
            min_size=1,
            max_size=connections,
            open=False,
            check=check_idle,
            timeout=CHECKOUT_TIMEOUT,
            reconnect_timeout=60.0,
            kwargs={"autocommit": True, "application_name": "spillway"},
        )

    async def open(self) -> None:
        """Connect, so that a wrong setting fails at once."""
        with translated():
            await self._pool.open(wait=True, timeout=OPEN_TIMEOUT)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection in autocommit mode, for single statements and reads."""
        with translated():
            async with self._pool.connection() as connection:
                yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside a transaction, committed at the end unless the block raises."""
        async with self.connection() as connection, connection.transaction():
            yield connection


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours: deadlocks pass, lost connections are nobody's fault, the rest are bugs.

    What search reads can be made anew, so that whoever misses it waits for that.
    """
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure) as error:
        raise Transient(f"Postgres undid the transaction in favour of another: {error}") from error
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        if SEARCHED.search(str(error.diag.message_primary)):
            raise TablesMissing(error.diag.message_primary) from error
        raise
    except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
        raise DatabaseUnavailable(f"Postgres cannot be used: {error}") from error
