"""The migrate step: brings the database, the stream with its consumers, and the bucket to where this version needs them.

Migrations are numbered SQL files, `pre` (before the new code runs: additions) or `post` (after it: removals); each runs once,
in a transaction of its own, and its checksum is kept, so that a file edited after it has landed is noticed.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import structlog

from shared import bus
from shared.blobs import Blobs
from shared.database import Connection, Database
from shared.errors import Conflict
from shared.settings import PlatformSettings

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "migrations"
NAME = re.compile(r"(?P<number>\d{4})_(?P<title>[a-z0-9_]+)\.(?P<phase>pre|post)\.sql")
LOCK = 7_205_759_402
"""Key of the advisory lock: of several migrate steps that start at once, one works and the others wait."""

TABLE = """
    CREATE TABLE IF NOT EXISTS migrations (
        number integer NOT NULL, phase text NOT NULL, title text NOT NULL, checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (number, phase)
    )
"""

log = structlog.get_logger()


@dataclass(frozen=True, order=True)
class Migration:
    """One SQL file."""

    number: int
    phase: str
    title: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, line ends apart."""
        return hashlib.sha256(self.sql.replace("\r\n", "\n").encode()).hexdigest()


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """The files of the folder in the order in which they are applied; raises Conflict on a name that is none of ours."""
    found = []
    for path in folder.glob("*.sql"):
        name = NAME.fullmatch(path.name)
        if name is None:
            raise Conflict(f"{path.name} is no migration: the name must look like 0002_tags.pre.sql.")
        found.append(Migration(int(name["number"]), name["phase"], name["title"], path.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: (migration.number, migration.phase == "post"))


def outstanding(migrations: list[Migration], applied: dict[tuple[int, str], str], phases: tuple[str, ...]) -> list[Migration]:
    """What is still to be applied; raises Conflict if an applied file has another text now."""
    for migration in migrations:
        known = applied.get((migration.number, migration.phase))
        if known is not None and known != migration.checksum:
            raise Conflict(
                f"Migration {migration.number:04d}_{migration.title}.{migration.phase}.sql was changed after it was applied. "
                "Put the old text back and write a new migration."
            )
    return [m for m in migrations if m.phase in phases and (m.number, m.phase) not in applied]


async def migrate_database(
    database: Database, migrations: list[Migration], phases: tuple[str, ...] = ("pre", "post")
) -> list[Migration]:
    """Apply what is outstanding; answers with what was applied."""
    async with database.connection() as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        try:
            await connection.execute(TABLE)
            cursor = await connection.execute("SELECT number, phase, checksum FROM migrations")
            applied = {(number, phase): checksum for number, phase, checksum in await cursor.fetchall()}
            due = outstanding(migrations, applied, phases)
            for migration in due:
                await _apply(connection, migration)
            return due
        finally:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


async def _apply(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql.encode())
        await connection.execute(
            "INSERT INTO migrations (number, phase, title, checksum) VALUES (%s, %s, %s, %s)",
            (migration.number, migration.phase, migration.title, migration.checksum),
        )
    log.info("migration applied", number=migration.number, phase=migration.phase, title=migration.title)


async def migrate(settings: PlatformSettings) -> None:
    """Database, stream, consumers and bucket; to be repeated at will."""
    database = Database(settings.database_url.get_secret_value(), connections=2)
    await database.open()
    try:
        await migrate_database(database, read_migrations())
    finally:
        await database.close()
    client = await bus.connect(settings.nats_url.get_secret_value(), name="spillway-migrate")
    try:
        await bus.declare(client.jetstream(), ack_wait=settings.ack_wait)
    finally:
        await client.close()
    await Blobs(settings).make_bucket()
