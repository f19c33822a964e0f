"""Rebuilds of what searches read: asked for, carried out, and what is in the tables before and after."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg import errors, sql

from services.nova.rebuilding.app import means_of
from services.nova.rebuilding.handlers import on_rebuild_requested
from services.nova.rebuilding.indexing import Indexing, wanted
from services.nova.rebuilding.rebuild import Means
from services.nova.rebuilding.shape import LIVE, MAKE_TABLES, REPLACED, SHADOW, TABLES
from services.nova.settings import NovaSettings
from shared import jobs
from shared.contracts import RebuildRequested
from shared.database import Database
from shared.embedder import EmbedderSettings
from shared.embedders import InUse
from shared.jobs import Job
from shared.paying.asking import PaidCalls
from shared.service import Platform
from tests.support.library import count

ROWS = {
    "moments": "SELECT id, file_id, revision, field, start_s, end_s, text, words::text FROM moments ORDER BY id",
    "embeddings": "SELECT moment_id, model, embedding::text FROM embeddings ORDER BY moment_id, model",
    "file_facts": "SELECT file_id, field, normalized, value FROM file_facts ORDER BY file_id, field, normalized",
}

Rows = dict[str, list[tuple[Any, ...]]]


async def rows(database: Database) -> Rows:
    """Everything that searches read."""
    async with database.connection() as connection:
        return {table: await (await connection.execute(statement)).fetchall() for table, statement in ROWS.items()}


async def drop_tables(database: Database, *tables: str) -> None:
    """Remove the tables that searches read, or some of them."""
    async with database.connection() as connection:
        for table in tables or TABLES:
            await connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(LIVE, table)))


async def restore_tables(database: Database) -> None:
    """Empty tables as the migrations leave them, if any are missing; nothing is left of a rebuild."""
    async with database.connection() as connection:
        for schema in (SHADOW, REPLACED):
            await connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        cursor = await connection.execute("SELECT to_regclass(name) FROM unnest(%s::text[]) AS name", (list(TABLES),))
        if all(row[0] for row in await cursor.fetchall()):
            return
        for table in TABLES:
            await connection.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(LIVE, table)))
        live = sql.Identifier(LIVE)
        await connection.execute(sql.SQL(MAKE_TABLES).format(schema=live), prepare=False)
        for name, definition in wanted([], LIVE).items():
            await connection.execute(sql.SQL("CREATE INDEX {} ").format(sql.Identifier(name)) + definition)


async def asked(database: Database, *, dry_run: bool = False, pay: bool = False) -> RebuildRequested:
    """A job that asks for a rebuild; nobody is told."""
    request = {"model": "search", "dry_run": dry_run, "pay": pay}
    async with database.transaction() as connection:
        return RebuildRequested(job_id=await jobs.create(connection, "rebuild", request, asked_by="ada"))


def means(platform: Platform, indexing: Indexing | None = None, **settings: Any) -> Means:
    """What the nova service would make it with, in little memory."""
    nova = NovaSettings(index_memory=64, index_helpers=0)
    made = means_of(platform, nova, PaidCalls(platform.database), EmbedderSettings.model_validate(settings))
    return replace(made, indexing=indexing) if indexing else made


async def rebuilt(platform: Platform, event: RebuildRequested | None = None, **settings: Any) -> Job:
    """A rebuild carried out in this process; the job as it has ended."""
    event = event or await asked(platform.database)
    await on_rebuild_requested(event, means(platform, **settings), platform.effects)
    return await job_of(platform.database, event)


async def job_of(database: Database, event: RebuildRequested) -> Job:
    """The job of a rebuild."""
    async with database.connection() as connection:
        return await jobs.find(connection, event.job_id)


@dataclass(frozen=True)
class Interrupted(Indexing):
    """Makes indexes once something else has happened."""

    first: Callable[[], Awaitable[None]] | None = None

    async def make(self, in_use: Sequence[InUse], report: Any) -> None:
        """As the real one."""
        assert self.first
        await self.first()
        await super().make(in_use, report)


def interrupted(platform: Platform, first: Callable[[], Awaitable[None]]) -> Interrupted:
    """Something happens when the tables are filled and their indexes are still to be made."""
    return Interrupted(platform.database, 64, 0, first)


@asynccontextmanager
async def held(database: Database, file_id: UUID) -> AsyncIterator[None]:
    """A rebuild that comes to this file waits there until the end of the block."""
    async with database.transaction() as connection:
        await connection.execute("SELECT FROM files WHERE id = %s FOR UPDATE", (file_id,))
        yield


async def last_file(database: Database) -> UUID:
    """The file to which a rebuild comes last."""
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT id FROM files ORDER BY id DESC LIMIT 1")).fetchone()
    assert row is not None
    return UUID(str(row[0]))


async def table_id(database: Database, schema: str) -> int | None:
    """What Postgres knows the table of moments by, in whichever schema and under whichever name."""
    async with database.connection() as connection:
        row = await (await connection.execute("SELECT to_regclass(%s)::oid", (f"{schema}.moments",))).fetchone()
    return row[0] if row else None


async def schemas(database: Database) -> set[str]:
    """What is left of rebuilds."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('rebuilding', 'replaced')")
        return {row[0] for row in await cursor.fetchall()}


async def some_are_built(database: Database) -> bool:
    """Whether a rebuild has filled files in."""
    try:
        return await count(database, "rebuilding.rebuild_files", "built") > 0
    except errors.UndefinedTable:
        return False
