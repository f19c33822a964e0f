"""What would change if the shadow tables took the place of the others."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from services.nova.rebuilding import shadow
from services.nova.rebuilding.shadow import Sums
from services.nova.rebuilding.shape import LIVE, SHADOW, TABLES
from shared.database import Connection

EXAMPLES = 50
"""Files that are told one by one."""

MOMENTS = "SELECT file_id, revision, field, start_s, end_s, text FROM {schema}.moments"
FACTS = "SELECT file_id, field, normalized, value FROM {schema}.file_facts"

# A row that gives way to another counts as changed.
DIFFERENT = """
    WITH added AS (SELECT file_id, count(*) AS rows FROM ({then} EXCEPT ALL {now}) AS more GROUP BY file_id),
    removed AS (SELECT file_id, count(*) AS rows FROM ({now} EXCEPT ALL {then}) AS fewer GROUP BY file_id),
    facts_added AS (SELECT file_id, count(*) AS rows FROM ({facts_then} EXCEPT ALL {facts_now}) AS more GROUP BY file_id),
    facts_removed AS (SELECT file_id, count(*) AS rows FROM ({facts_now} EXCEPT ALL {facts_then}) AS fewer GROUP BY file_id),
    different AS (
        SELECT file_id, coalesce(added.rows, 0) AS added, coalesce(removed.rows, 0) AS removed,
               greatest(coalesce(facts_added.rows, 0), coalesce(facts_removed.rows, 0)) AS facts
        FROM added FULL JOIN removed USING (file_id)
        FULL JOIN facts_added USING (file_id) FULL JOIN facts_removed USING (file_id)
    )
    SELECT file_id, path, greatest(added - removed, 0) AS added, greatest(removed - added, 0) AS removed,
           least(added, removed) AS changed, facts, count(*) OVER () AS files
    FROM different JOIN files ON files.id = file_id ORDER BY added + removed + facts DESC, file_id LIMIT {examples}
"""


@dataclass(frozen=True)
class Different:
    """A file whose rows would be others: moments that come, go and change, and facts that do; `files` are all such files."""

    file_id: UUID
    path: str
    added: int
    removed: int
    changed: int
    facts: int
    files: int


async def compared(connection: Connection, sums: Sums) -> dict[str, Any]:
    """The difference, as the job tells it; a table that is missing or lacks columns has no rows now."""
    live = await shadow.present(connection)
    tables = {table: await _counts(connection, table, live=live.get(table, False)) for table in TABLES}
    tables["embeddings"]["then"] += sums.lacking
    found = await _different(connection, live)
    told = [
        {"file_id": str(one.file_id), **{name: getattr(one, name) for name in ("path", "added", "removed", "changed", "facts")}}
        for one in found
    ]
    return {"tables": tables, "files_different": found[0].files if found else 0, "examples": told}


async def _counts(connection: Connection, table: str, *, live: bool) -> dict[str, Any]:
    return {
        "now": await _count(connection, LIVE, table) if live else None,
        "then": await _count(connection, SHADOW, table),
    }


async def _count(connection: Connection, schema: str, table: str) -> int:
    row = await (await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table)))).fetchone()
    return int(row[0]) if row else 0


async def _different(connection: Connection, live: dict[str, bool]) -> list[Different]:
    def rows(statement: str, schema: str, table: str) -> sql.Composed:
        none = schema == LIVE and not live.get(table)
        named = sql.SQL(statement).format(schema=sql.Identifier(SHADOW if none else schema))
        return sql.SQL("({} WHERE false)" if none else "({})").format(named)

    statement = sql.SQL(DIFFERENT).format(
        now=rows(MOMENTS, LIVE, "moments"),
        then=rows(MOMENTS, SHADOW, "moments"),
        facts_now=rows(FACTS, LIVE, "file_facts"),
        facts_then=rows(FACTS, SHADOW, "file_facts"),
        examples=sql.Literal(EXAMPLES),
    )
    async with connection.cursor(row_factory=class_row(Different)) as cursor:
        await cursor.execute(statement)
        return await cursor.fetchall()
