import os
import random
import sys
from typing import Any

import pytest
from psycopg.rows import dict_row

from services.ingest.scans import diff
from services.ingest.scans.lines import lines
from services.ingest.scans.walk import Listing, Problem
from shared.contracts import StageState
from shared.database import Database

ALLOWED = sorted(set(range(1, 256)) - {ord("/")})


def test_ordinary_names_go_in_as_they_are() -> None:
    assert lines(Listing("/films/", [("a b.mp4", 7, 1), ("caf\u00e9.mp4", 8, 2)])) == (
        b"/films/a b.mp4\t7\t1\t\\N\t\\N\t\\N\n" + "/films/caf\u00e9.mp4\t8\t2\t\\N\t\\N\t\\N\n".encode()
    )


def test_an_empty_folder_is_no_line() -> None:
    assert lines(Listing("/films/")) == b""


ODD = [
    b"a\tb", b"a\nb", b"a\rb", b"a\\b", b"\\N", b"\\.", b"\\x41", b"'\"", b"caf\xe9", "caf\u00e9".encode(), b"\xed\xa0\x80",
]  # fmt: skip
PROBLEM = Problem(os.fsdecode(b"/caf\xe9\t"), StageState.FAILED, "It\tis\ngone\\.")


async def read_back(database: Database, listings: list[Listing]) -> list[dict[str, Any]]:
    """What Postgres makes of the lines of these listings, with every path as text."""
    async with database.transaction() as connection:
        await connection.execute(diff.BEGIN)
        async with diff.copying(connection) as copy:
            for listing in listings:
                await copy.write(lines(listing))
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute("SELECT *, coalesce(path, convert_from(path_raw, 'UTF8')) AS shown FROM scan")
            return await cursor.fetchall()


@pytest.mark.connected
@pytest.mark.skipif(sys.platform == "win32", reason="names are text there")
@pytest.mark.parametrize("folder", ["/plain/", "/o\\dd\n/"])
@pytest.mark.parametrize("is_alone", [True, False], ids=["one by one", "together"])
async def test_postgres_reads_every_name_as_it_is(database: Database, folder: str, is_alone: bool) -> None:
    chance = random.Random(1)
    names = sorted({*ODD, *(bytes(chance.choices(ALLOWED, k=chance.randint(1, 20))) for _ in range(300))})
    files = [(os.fsdecode(name), at, at + 1) for at, name in enumerate(names)]
    listings = [Listing(folder, [file]) for file in files] if is_alone else [Listing(folder, files)]
    rows = await read_back(database, [*listings, Listing("/", problems=[PROBLEM])])
    found = [(row["path_raw"], row["size"], row["modified_ns"]) for row in rows if row["state"] is None]
    assert sorted(found) == sorted((os.fsencode(folder + name), size, modified) for name, size, modified in files)
    assert all(row["shown"] == row["path_raw"].decode("utf-8", "replace") for row in rows)
    [failed] = [row for row in rows if row["state"] is not None]
    assert (failed["path_raw"], failed["state"], failed["reason"]) == (b"/caf\xe9\t", "failed", "It\tis\ngone\\.")
