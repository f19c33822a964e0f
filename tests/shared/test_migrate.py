"""Migrations: in order, once each, and never edited after they have landed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from nats.js import JetStreamContext

from shared import bus
from shared.blobs import Blobs
from shared.contracts import STREAM
from shared.database import Database
from shared.errors import Conflict
from shared.migrate import Migration, migrate, migrate_database, outstanding, read_migrations
from shared.settings import PlatformSettings
from tests.support.data import golden

FIRST = Migration(1, "pre", "first", "CREATE TABLE first (id int)")
SECOND = Migration(2, "pre", "second", "CREATE TABLE second (id int); INSERT INTO second VALUES (1)")
CLEANUP = Migration(2, "post", "cleanup", "DROP TABLE first")
BROKEN = Migration(3, "pre", "broken", "CREATE TABLE third (id int); SELECT no_such_column")
PHASES = ("pre", "post")


def applied(*migrations: Migration) -> dict[tuple[int, str], str]:
    return {(migration.number, migration.phase): migration.checksum for migration in migrations}


def test_landed_migrations_are_not_edited(update_test_data: bool) -> None:
    """Where this fails for an old file: put its text back and write a new migration."""
    current = {f"{one.number:04d}_{one.title}.{one.phase}.sql": one.checksum for one in read_migrations()}
    assert golden("migrations", current, update=update_test_data) == current


def test_numbers_are_used_once_per_phase() -> None:
    migrations = read_migrations()
    assert len({(one.number, one.phase) for one in migrations}) == len(migrations)
    assert sorted({one.number for one in migrations}) == list(range(1, migrations[-1].number + 1))


def test_files_are_read_in_the_order_in_which_they_apply(tmp_path: Path) -> None:
    for name in ("0002_b.post.sql", "0010_c.pre.sql", "0002_a.pre.sql", "0001_z.post.sql", "0001_y.pre.sql"):
        (tmp_path / name).write_text(f"-- {name}", encoding="utf-8")
    (tmp_path / "README.md").write_text("not SQL", encoding="utf-8")
    found = read_migrations(tmp_path)
    assert [(one.number, one.phase, one.title) for one in found] == [
        (1, "pre", "y"),
        (1, "post", "z"),
        (2, "pre", "a"),
        (2, "post", "b"),
        (10, "pre", "c"),
    ]
    assert found[0].sql == "-- 0001_y.pre.sql"


@pytest.mark.parametrize("name", ["1_a.pre.sql", "0001_a.sql", "0001_A.pre.sql", "0001_a.during.sql", "tags.pre.sql"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(Conflict, match=name):
        read_migrations(tmp_path)


def test_what_is_not_applied_is_outstanding() -> None:
    migrations = [FIRST, SECOND, CLEANUP]
    assert outstanding(migrations, {}, PHASES) == migrations
    assert outstanding(migrations, applied(FIRST), PHASES) == [SECOND, CLEANUP]
    assert outstanding(migrations, applied(FIRST), ("pre",)) == [SECOND]
    assert outstanding(migrations, applied(*migrations), PHASES) == []


def test_a_file_that_was_edited_after_it_was_applied_is_refused() -> None:
    edited = Migration(1, "pre", "first", FIRST.sql + " -- better")
    with pytest.raises(Conflict, match=r"0001_first\.pre\.sql was changed"):
        outstanding([edited, SECOND], applied(FIRST), ("post",))


def test_line_ends_are_no_edit() -> None:
    assert (
        Migration(1, "pre", "a", "SELECT 1;\r\nSELECT 2;\r\n").checksum
        == Migration(1, "pre", "a", "SELECT 1;\nSELECT 2;\n").checksum
    )
    assert Migration(1, "pre", "a", "SELECT 1").checksum != Migration(1, "pre", "a", "SELECT 2").checksum


@pytest.fixture
async def empty(settings: PlatformSettings, shared_database: Database) -> AsyncIterator[Database]:
    """A database without tables."""
    name = f"test_{uuid4().hex}"
    async with shared_database.connection() as connection:
        await connection.execute(f"CREATE DATABASE {name}".encode())
    database = Database(urlunsplit(urlsplit(settings.database_url.get_secret_value())._replace(path=f"/{name}")), connections=4)
    await database.open()
    yield database
    await database.close()
    async with shared_database.connection() as connection:
        await connection.execute(f"DROP DATABASE {name}".encode())


async def tables(database: Database) -> set[str]:
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in await cursor.fetchall()}


@pytest.mark.connected
async def test_several_that_start_at_once_apply_each_migration_once(empty: Database) -> None:
    done = await asyncio.gather(*(migrate_database(empty, [FIRST, SECOND]) for _ in range(3)))
    assert sorted(len(one) for one in done) == [0, 0, 2]
    assert await migrate_database(empty, [FIRST, SECOND, CLEANUP], ("pre",)) == []
    assert await tables(empty) == {"first", "second", "migrations"}
    assert await migrate_database(empty, [FIRST, SECOND, CLEANUP]) == [CLEANUP]
    assert await tables(empty) == {"second", "migrations"}


@pytest.mark.connected
async def test_a_migration_that_fails_leaves_nothing_of_itself(empty: Database) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await migrate_database(empty, [FIRST, BROKEN])
        assert await tables(empty) == {"first", "migrations"}


@pytest.mark.connected
async def test_a_migration_that_cannot_be_noted_is_not_applied(empty: Database) -> None:
    """Or it would be applied again: here its row is there already, by its own doing."""
    note = "INSERT INTO migrations VALUES (9, 'pre', 'own', 'none')"
    with pytest.raises(psycopg.errors.UniqueViolation):
        await migrate_database(empty, [Migration(9, "pre", "own", f"CREATE TABLE ninth (id int); {note}")])
    assert await tables(empty) == {"migrations"}


@pytest.mark.connected
async def test_the_landed_migrations_build_the_library_from_nothing(empty: Database) -> None:
    assert await migrate_database(empty, read_migrations()) == read_migrations()
    assert {"files", "file_stages", "outbox", "inbox", "dead_letters"} <= await tables(empty)


@pytest.mark.connected
async def test_the_whole_step_can_be_repeated(settings: PlatformSettings, stream: JetStreamContext, blobs: Blobs) -> None:
    await stream.delete_stream(STREAM)
    for _ in range(2):
        await migrate(settings)
    assert await bus.inspect(stream) is not None
    await blobs.ready()
