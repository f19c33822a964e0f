"""Who waits for whom in Postgres."""

from shared.database import Database


async def somebody_waits(database: Database) -> bool:
    """Whether a transaction waits for what another one holds."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        row = await cursor.fetchone()
    return row is not None and bool(row[0])
