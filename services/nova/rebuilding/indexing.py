"""Makes the indexes of the shadow tables over what is in them, beside everything else that goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from psycopg import errors, sql

from services.nova.rebuilding.shadow import refused
from services.nova.rebuilding.shape import INDEXES, SHADOW, TABLES, VECTOR_INDEX, VECTOR_INDEXES
from shared.database import Connection, Database
from shared.embedders import InUse

LOOK = 0.5
"""Seconds between two looks at how far an index is."""

IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%(name)s)"

# While the graph is put together, then while it is written: either says more than nothing.
HOW_FAR = """
    SELECT greatest(blocks_done::float8 / nullif(blocks_total, 0), tuples_done::float8 / nullif(tuples_total, 0))
    FROM pg_stat_progress_create_index WHERE pid = %(pid)s
"""

Report = Callable[[str, float], Awaitable[None]]
"""Takes an index's name, and the share of it that is made; may raise to call it off."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Indexing:
    """Makes indexes with this much memory in MB and so many helpers of Postgres."""

    database: Database
    memory: int
    helpers: int

    async def make(self, in_use: Sequence[InUse], report: Report) -> None:
        """Those that are not there yet; what was not made to its end is made again. Raises NoRoom, and what `report` raises."""
        for name, definition in wanted(in_use).items():
            async with self.database.connection() as connection:
                if not await _is_made(connection, name):
                    await self._made(connection, name, definition, report)
        async with self.database.connection() as connection:
            with refused():
                for table in TABLES:
                    await connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(SHADOW, table)))

    async def _made(self, connection: Connection, name: str, definition: sql.Composed, report: Report) -> None:
        try:
            await self._try(connection, name, definition, report, self.helpers)
        except errors.DiskFull as error:  # helpers share memory through a file system that containers keep small
            log.info("an index is made without helpers", index=name, reason=str(error))
            with refused():
                await self._try(connection, name, definition, report, 0)

    async def _try(self, connection: Connection, name: str, definition: sql.Composed, report: Report, helpers: int) -> None:
        await connection.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(SHADOW, name)))
        settings = {"maintenance_work_mem": f"{self.memory}MB", "max_parallel_maintenance_workers": str(helpers)}
        for setting, value in settings.items():
            await connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        statement = sql.SQL("CREATE INDEX CONCURRENTLY {} ").format(sql.Identifier(name)) + definition
        try:
            await self._followed(connection, statement, name, report)
        finally:
            for setting in settings:
                await connection.execute(sql.SQL("RESET {}").format(sql.Identifier(setting)))

    async def _followed(self, connection: Connection, statement: sql.Composed, name: str, report: Report) -> None:
        pid = connection.info.backend_pid
        making = asyncio.ensure_future(connection.execute(statement))
        try:
            while not (await asyncio.wait({making}, timeout=LOOK))[0]:
                async with self.database.connection() as other:
                    row = await (await other.execute(HOW_FAR, {"pid": pid})).fetchone()
                await report(name, row[0] if row and row[0] else 0.0)
        except BaseException:
            await self._stop(pid, making)
            raise
        await making

    async def _stop(self, pid: int, making: "asyncio.Future[Any]") -> None:
        """Let Postgres give the index up, and wait until it has."""
        async with self.database.connection() as other:
            await other.execute("SELECT pg_cancel_backend(%s)", (pid,))
        await asyncio.wait({making})
        making.exception()  # that it was given up is known


def wanted(in_use: Sequence[InUse], schema_name: str = SHADOW) -> dict[str, sql.Composed]:
    """The indexes that full tables have, and what they are made of; those of vectors come last."""
    schema = sql.Identifier(schema_name)
    plain: dict[str, sql.Composed] = {name: sql.SQL(text).format(schema=schema) for name, text in INDEXES.items()}
    vectors = {**VECTOR_INDEXES, **{row.index_name: (row.dimensions, row.model) for row in in_use}}
    return plain | {
        name: sql.SQL(VECTOR_INDEX).format(schema=schema, dimensions=sql.Literal(dimensions), model=sql.Literal(model))
        for name, (dimensions, model) in vectors.items()
    }


async def _is_made(connection: Connection, name: str) -> bool:
    row = await (await connection.execute(IS_VALID, {"name": f"{SHADOW}.{name}"})).fetchone()
    return bool(row and row[0])
