"""The shape of the tables that are made anew is that which the migrations leave."""

import pytest

from services.nova.rebuilding import shadow
from services.nova.rebuilding.indexing import Indexing
from services.nova.rebuilding.shape import LIVE, SHADOW, TABLES
from shared.database import Connection, Database
from shared.embedders import in_use
from shared.identifiers import new_id
from shared.service import Platform
from tests.support.rebuilding import rebuilt

pytestmark = pytest.mark.connected

COLUMNS = """
    SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
           attcompression, pg_collation.collname, pg_get_expr(adbin, adrelid), relpersistence, reloptions, relreplident
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relname = ANY(%(tables)s) ORDER BY 1, 2
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, contype, convalidated, condeferrable, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relname = ANY(%(tables)s) ORDER BY 1, 2
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid, indisunique, indisprimary
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relname = ANY(%(tables)s) ORDER BY 1
"""
SEQUENCES = """
    SELECT seqrelid::regclass::text, pg_get_serial_sequence('moments', 'id'), seqstart, seqincrement, seqmax, seqmin, seqcache,
           seqcycle, seqtypid::regtype::text
    FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relname LIKE 'moments%%'
"""
TRIGGERS = """
    SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = to_regnamespace(%(schema)s) AND relname = ANY(%(tables)s) AND NOT tgisinternal ORDER BY 1
"""


async def described(connection: Connection, schema: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that Postgres knows of the tables of a schema, told without its name."""
    found = {}
    async with connection.transaction(force_rollback=True):
        await connection.execute(f"SET LOCAL search_path TO {schema}, {LIVE}".encode())
        for name, statement in (
            ("columns", COLUMNS),
            ("constraints", CONSTRAINTS),
            ("indexes", INDEXES),
            ("sequences", SEQUENCES),
            ("triggers", TRIGGERS),
        ):
            cursor = await connection.execute(statement, {"schema": schema, "tables": list(TABLES)})
            rows = await cursor.fetchall()
            found[name] = [tuple(_plain(value, schema) for value in row) for row in rows]
    return found


def _plain(value: object, schema: str) -> object:
    return value.replace(f"{schema}.", "") if isinstance(value, str) else value


async def test_the_shape_is_the_same_after_a_rebuild(platform: Platform, database: Database) -> None:
    async with database.connection() as connection:
        before = await described(connection, LIVE)
        assert (await rebuilt(platform)).state == "done"
        assert await described(connection, LIVE) == before


async def test_what_is_made_anew_has_the_shape_that_migrations_leave(database: Database) -> None:
    async with database.connection() as connection:
        migrated = await described(connection, LIVE)
        models = await in_use(connection)
    async with shadow.writing(database, live=True) as connection:
        await shadow.make(connection, new_id(), [row.model for row in models])

    async def report(name: str, share: float) -> None:
        return

    await Indexing(database, 64, 0).make(models, report)
    async with database.connection() as connection:
        assert await described(connection, SHADOW) == migrated
    assert len(migrated["indexes"]) == 9
    assert migrated["triggers"] == []
