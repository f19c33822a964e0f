"""The listing of the object store, as Postgres reads it."""

from datetime import UTC, datetime

import pytest

from services.proxy.reconcile.listing import line_of
from shared.blobs import Stored
from shared.database import Database

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEYS = ["plain", "tab\there", "line\nbreak", "back\\slash", "re\rturn", "\\N", "é"]


@pytest.mark.connected
async def test_every_key_comes_back_as_it_was(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("CREATE TEMPORARY TABLE listed (key text, bytes bigint, at timestamptz) ON COMMIT DROP")
        async with connection.cursor() as cursor, cursor.copy("COPY listed FROM STDIN") as copy:
            for key in KEYS:
                await copy.write(line_of(Stored(key, TIME, size=7)))
        rows = await (await connection.execute("SELECT key, bytes, at FROM listed")).fetchall()
    assert rows == [(key, 7, TIME) for key in KEYS]
