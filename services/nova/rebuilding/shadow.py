"""SQL of the shadow tables: made, noted what is to be filled in, and removed. What is done stays if the worker is killed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from uuid import UUID

from psycopg import errors, sql
from psycopg.rows import class_row

from services.nova.rebuilding.plans import NoRoom, patience
from services.nova.rebuilding.shape import LIVE, MAKE_TABLES, REPLACED, SHADOW, TABLES
from shared.database import Connection, Database

# Whatever changes the tables is noted by them, deletions of files included: nobody who writes has to know of a rebuild.
# Changes are rows of their own, so that one is taken only by who has seen it.
MAKE_SCHEMA = "CREATE SCHEMA {schema}"
MAKE_NOTES = """
    CREATE TABLE {schema}.rebuild (job_id uuid NOT NULL, models text[] NOT NULL);
    CREATE TABLE {schema}.rebuild_files (
        file_id uuid PRIMARY KEY, built boolean NOT NULL DEFAULT false, tried boolean NOT NULL DEFAULT false,
        copied integer NOT NULL DEFAULT 0, kept integer NOT NULL DEFAULT 0, made integer NOT NULL DEFAULT 0,
        lacking integer NOT NULL DEFAULT 0, characters bigint NOT NULL DEFAULT 0
    );
    CREATE INDEX rebuild_files_left ON {schema}.rebuild_files (file_id) WHERE NOT built;
    CREATE TABLE {schema}.rebuild_changes (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, file_id uuid NOT NULL);
    CREATE FUNCTION {schema}.note_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO {schema}.rebuild_changes (file_id) SELECT DISTINCT file_id FROM changed;
        RETURN NULL;
    END $$
"""

NOTE = """
    CREATE TRIGGER {name} AFTER {kind} ON {table} REFERENCING {rows} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.note_changes()
"""
NOTED = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
NOTING = ("moments", "file_facts")
"""Vectors change with their moments."""

ADD_FILES = "INSERT INTO {schema}.rebuild_files (file_id) SELECT id FROM files ON CONFLICT DO NOTHING"

BEGUN = "SELECT job_id, models FROM {schema}.rebuild"

TAKE_CHANGES = """
    WITH taken AS (DELETE FROM {schema}.rebuild_changes WHERE number IN
        (SELECT number FROM {schema}.rebuild_changes ORDER BY number LIMIT 1000) RETURNING file_id)
    INSERT INTO {schema}.rebuild_files (file_id) SELECT DISTINCT file_id FROM taken
    ON CONFLICT (file_id) DO UPDATE SET built = false, tried = false
"""

UNBUILT = "SELECT file_id FROM {schema}.rebuild_files WHERE NOT built AND file_id > %(after)s ORDER BY file_id LIMIT %(limit)s"

LACKING = """
    SELECT file_id FROM {schema}.rebuild_files WHERE built AND lacking > 0 AND NOT tried AND file_id > %(after)s
    ORDER BY file_id LIMIT %(limit)s
"""

NOTE_BUILT = """
    UPDATE {schema}.rebuild_files SET built = true, tried = %(tried)s, copied = %(copied)s, kept = %(kept)s,
        made = made + %(made)s, lacking = %(lacking)s, characters = %(characters)s
    WHERE file_id = %(file_id)s
"""

FORGET = "DELETE FROM {schema}.rebuild_files WHERE file_id = %(file_id)s"

SUMS = """
    SELECT count(*) AS files, count(*) FILTER (WHERE built) AS built, coalesce(sum(copied), 0)::bigint AS copied,
           coalesce(sum(kept), 0)::bigint AS kept, coalesce(sum(made), 0)::bigint AS made,
           coalesce(sum(lacking), 0)::bigint AS lacking, coalesce(sum(characters), 0)::bigint AS characters,
           count(*) FILTER (WHERE lacking > 0) AS lacking_files
    FROM {schema}.rebuild_files
"""

PRESENT = """
    SELECT relname, array_agg(attname::text) FROM pg_class
    JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relkind = 'r' AND relname = ANY(%(tables)s) GROUP BY relname
"""
COLUMNS = {
    "moments": ("id", "file_id", "revision", "field", "start_s", "end_s", "text", "words"),
    "embeddings": ("moment_id", "model", "embedding"),
    "file_facts": ("file_id", "field", "normalized", "value"),
}

FIRST = UUID(int=0)


@dataclass(frozen=True)
class Sums:
    """Files, and those that are filled in; vectors taken over from the old tables and from the ledger, made, and still lacking.

    `characters` are those of the texts that lack vectors.
    """

    files: int
    built: int
    copied: int
    kept: int
    made: int
    lacking: int
    characters: int
    lacking_files: int


@dataclass(frozen=True)
class Filled:
    """What became of one file."""

    copied: int = 0
    kept: int = 0
    made: int = 0
    lacking: int = 0
    characters: int = 0


class Busy(Exception):
    """Somebody uses the tables just now."""


@asynccontextmanager
async def writing(database: Database, *, live: bool = False) -> AsyncIterator[Connection]:
    """A transaction in which names mean the shadow tables, unless `live`; raises NoRoom and Busy."""
    async with database.connection() as connection:
        with refused():
            async with connection.transaction():
                if not live:
                    await enter(connection)
                yield connection


@contextmanager
def refused() -> Iterator[None]:
    """Turn what Postgres refuses of a rebuild into our words; raises NoRoom where the disk is full, and Busy.

    Elsewhere a full disk is waited out, as whoever else writes will be; a rebuild may be what has filled it.
    """
    try:
        yield
    except errors.DiskFull as error:
        raise NoRoom(error) from error
    except errors.LockNotAvailable as error:
        raise Busy(str(error)) from error


async def enter(connection: Connection) -> None:
    """Let names mean the shadow tables until the transaction ends."""
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}, {}").format(sql.Identifier(SHADOW), sql.Identifier(LIVE)))


async def wait_briefly(connection: Connection, tries: int) -> None:
    """Wait for tables no longer than searches may wait behind, until the transaction ends."""
    await connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(patience(tries))))


async def present(connection: Connection, schema: str = LIVE) -> dict[str, bool]:
    """Those of the tables that a schema has, and whether they have their columns."""
    cursor = await connection.execute(PRESENT, {"schema": schema, "tables": list(TABLES)})
    there = {name: set(columns) for name, columns in await cursor.fetchall()}
    return {table: set(COLUMNS[table]) <= there[table] for table in TABLES if table in there}


async def begun_by(connection: Connection) -> tuple[UUID, list[str]] | None:
    """The job whose shadow tables are there, and the embedders whose vectors it gathers."""
    there = await (await connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{SHADOW}.rebuild",))).fetchone()
    if not (there and there[0]):
        return None
    row = await (await connection.execute(_named(BEGUN))).fetchone()
    return (row[0], row[1]) if row else None


async def make(connection: Connection, job_id: UUID, models: list[str]) -> None:
    """Empty shadow tables, in a transaction; from its end on every change of the others is noted."""
    await drop(connection)
    live = await present(connection)
    for statements in (MAKE_SCHEMA, MAKE_TABLES, MAKE_NOTES):
        await connection.execute(_named(statements), prepare=False)
    for table in [table for table in NOTING if live.get(table)]:
        for kind, rows in NOTED.items():  # which waits for whoever is writing: what they write is seen below
            await connection.execute(_trigger(table, kind, rows))
    await connection.execute(_named(ADD_FILES))
    insert = _named("INSERT INTO {schema}.rebuild (job_id, models) VALUES (%(job_id)s, %(models)s)")
    await connection.execute(insert, {"job_id": job_id, "models": models})


async def take_changes(connection: Connection) -> bool:
    """Have files filled in again that were changed meanwhile; whether there were any."""
    return (await connection.execute(_named(TAKE_CHANGES))).rowcount > 0


async def are_changes(connection: Connection) -> bool:
    """Whether something was changed that is not taken yet."""
    return (await connection.execute(_named("SELECT FROM {schema}.rebuild_changes LIMIT 1"))).rowcount > 0


async def unbuilt(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """The next files to fill in."""
    return await _ids(connection, UNBUILT, after, limit)


async def lacking(connection: Connection, after: UUID, limit: int) -> list[UUID]:
    """The next files whose vectors have to be made."""
    return await _ids(connection, LACKING, after, limit)


async def note_built(connection: Connection, file_id: UUID, filled: Filled, *, tried: bool) -> None:
    """A file is filled in; `tried` says whether its vectors were made."""
    await connection.execute(_named(NOTE_BUILT), {**vars(filled), "file_id": file_id, "tried": tried})


async def forget(connection: Connection, file_id: UUID) -> None:
    """A file is gone."""
    await connection.execute(_named(FORGET), {"file_id": file_id})


async def sums(connection: Connection) -> Sums:
    """How far it is."""
    async with connection.cursor(row_factory=class_row(Sums)) as cursor:
        await cursor.execute(_named(SUMS))
        found = await cursor.fetchone()
    assert found is not None
    return found


async def drop(connection: Connection) -> None:
    """Remove the shadow tables with what notes changes for them, in a transaction."""
    await connection.execute(_named("DROP SCHEMA IF EXISTS {schema} CASCADE"))


async def drop_replaced(connection: Connection) -> None:
    """Remove the tables that gave way, in a transaction: they refer to files, which have to be still for that."""
    await connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(REPLACED)))


async def _ids(connection: Connection, statement: str, after: UUID, limit: int) -> list[UUID]:
    cursor = await connection.execute(_named(statement), {"after": after, "limit": limit})
    return [row[0] for row in await cursor.fetchall()]


def _trigger(table: str, kind: str, rows: str) -> sql.Composed:
    return sql.SQL(NOTE).format(
        name=sql.Identifier(f"rebuild_{kind}"),
        kind=sql.SQL(kind),
        table=sql.Identifier(LIVE, table),
        rows=sql.SQL(rows),
        schema=sql.Identifier(SHADOW),
    )


def _named(statement: str) -> sql.Composed:
    return sql.SQL(statement).format(schema=sql.Identifier(SHADOW))
