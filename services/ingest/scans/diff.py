"""What a walk found beside what the library has: the walk's paths go in by COPY, and one statement tells them apart."""

import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncCopy, sql
from psycopg.rows import class_row

from services.ingest.reasons import COPY, NOT_HERE
from services.ingest.scans.roots import SEPARATOR, after, beneath
from shared.database import Connection
from shared.paths import shown

BEGIN = """
    CREATE TEMPORARY TABLE scan (path_raw bytea, size bigint, modified_ns bigint, state text, reason text, path text)
    ON COMMIT DROP
"""

# Files that may lie there. Those missing already are none of them: what is found at their place is looked at.
LIVE = """
    SELECT files.id, files.path_raw, files.path, files.kind, files.size, files.modified_ns FROM files
    WHERE files.missing_since IS NULL AND files.object_key IS NULL AND {scope}
"""

SORTED_OUT = """
    SELECT scan.path_raw IS NULL AS is_missing, scan.state AS problem, scan.reason,
           coalesce(live.path_raw, scan.path_raw) AS path_raw, live.path AS known_path, scan.path AS given_path,
           live.id AS file_id, live.kind, coalesce(scan.size, live.size) AS size,
           live.size = scan.size AND live.modified_ns = scan.modified_ns IS TRUE AS is_unchanged,
           failed.file_id IS NOT NULL AS is_failed,
           copies.file_id AS original, copies.file_id IS NOT NULL AND live.id IS NULL
               AND copies.size = scan.size AND copies.modified_ns = scan.modified_ns AND {copies_stay} AS is_copy
    FROM scan FULL JOIN ({live}) AS live ON live.path_raw = scan.path_raw
    LEFT JOIN file_copies AS copies ON copies.path_raw = scan.path_raw
    LEFT JOIN (SELECT DISTINCT file_id FROM file_stages WHERE state = 'failed') AS failed ON failed.file_id = live.id
"""

# A file of which a stage failed is tried again when it is imported again, so its item waits although it is unchanged.
LIST = """
    INSERT INTO job_items (job_id, path_raw, path, file_id, kind, size, change, from_path, state, reason, settled_at)
    SELECT %(job_id)s, found.path_raw, coalesce(known_path, given_path, convert_from(found.path_raw, 'UTF8')),
           coalesce(found.file_id, CASE WHEN is_copy THEN original END), coalesce(found.kind, originals.kind), found.size,
           CASE WHEN is_missing THEN 'missing' WHEN problem = 'skipped' THEN 'unsupported'
                WHEN problem = 'failed' THEN 'unreadable' WHEN is_copy THEN 'duplicate' WHEN is_unchanged THEN 'unchanged' END,
           originals.path,
           CASE WHEN problem IS NOT NULL THEN problem WHEN is_copy THEN 'skipped'
                WHEN is_unchanged AND NOT is_failed THEN 'done' ELSE 'pending' END,
           CASE WHEN is_copy THEN format(%(copy)s, originals.path) ELSE found.reason END,
           CASE WHEN problem IS NOT NULL OR is_copy OR is_unchanged AND NOT is_failed THEN now() END
    FROM ({sorted_out}) AS found LEFT JOIN files AS originals ON originals.id = found.original AND is_copy
    WHERE {worth_an_item}
    ON CONFLICT DO NOTHING
"""

# An import says what became of every path. A rescan leaves out what is as it was, which is nearly all; but what is not
# there any more is told only if its folder could be read.
OF_IMPORT = "NOT is_missing"
OF_RESCAN = """
    CASE WHEN is_missing
         THEN NOT EXISTS (SELECT FROM unnest(%(closed)s::bytea[]) AS folder (prefix)
                          WHERE substring(found.path_raw FROM 1 FOR length(prefix)) = prefix)
         ELSE NOT coalesce(is_unchanged, false) AND NOT is_copy END
"""

FORGET_COPIES = """
    DELETE FROM file_copies AS files WHERE {scope} AND NOT EXISTS (SELECT FROM scan WHERE scan.path_raw = files.path_raw)
      AND NOT EXISTS (SELECT FROM unnest(%(closed)s::bytea[]) AS folder (prefix)
                      WHERE substring(files.path_raw FROM 1 FOR length(prefix)) = prefix)
"""

UNDER = "(files.path_raw = %(root)s OR (files.path_raw >= %(first)s AND files.path_raw < %(behind)s))"
DIRECTLY_UNDER = f"({UNDER} AND position(%(separator)s IN substring(files.path_raw FROM length(%(first)s) + 1)) = 0)"

LEAVE_OUT = "DELETE FROM job_items WHERE job_id = %(job_id)s AND path_raw = ANY(%(paths)s::bytea[]) AND state = 'pending'"

STILL_MISSING = "SELECT count(*) FROM files WHERE missing_since IS NOT NULL AND object_key IS NULL AND {scope}"

COUNT_ITEMS = """
    SELECT count(*) FILTER (WHERE size IS NOT NULL AND change IS DISTINCT FROM 'missing'),
           count(*) FILTER (WHERE change = 'missing')
    FROM job_items WHERE job_id = %(job_id)s
"""

GONE = """
    INSERT INTO job_items (job_id, path_raw, path, change, state, reason, settled_at)
    SELECT %(job_id)s, path_raw, path, 'unreadable', 'failed', %(reason)s, now()
    FROM unnest(%(raw)s::bytea[], %(shown)s::text[]) AS gone (path_raw, path)
    ON CONFLICT (job_id, path_raw) DO NOTHING
"""

NOTE_LISTED = "UPDATE jobs SET listed_at = now(), progress = progress || %(progress)s::jsonb WHERE id = %(job_id)s"

ROOTS = "SELECT root AS path, any_value(path_raw) AS path_raw FROM files WHERE object_key IS NULL GROUP BY root"


@dataclass(frozen=True)
class Scope:
    """What is looked at: everything in the library, or one path and all under it, or only what lies directly in it."""

    path_raw: bytes | None
    recursive: bool = True

    def sql(self) -> sql.SQL:
        """The condition on a file."""
        if self.path_raw is None:
            return sql.SQL("true")
        return sql.SQL(UNDER if self.recursive else DIRECTLY_UNDER)

    def values(self) -> dict[str, bytes]:
        """Its parameters."""
        if self.path_raw is None:
            return {}
        prefix = beneath(self.path_raw)
        return {"root": self.path_raw, "first": prefix, "behind": after(prefix), "separator": SEPARATOR}


@dataclass(frozen=True)
class Root:
    """A root as shown, and the path of some file under it."""

    path: str
    path_raw: bytes


async def begin(connection: Connection) -> None:
    """Have a place for the walk's paths until the transaction ends."""
    # Compiling (jit) takes longer than any diff of less than millions, and the join should not go by way of the disk.
    await connection.execute("SELECT set_config('jit', 'off', true), set_config('work_mem', '128MB', true)")
    await connection.execute(BEGIN)


def copying(connection: Connection) -> AbstractAsyncContextManager[AsyncCopy]:
    """The way in for the walk's lines."""
    return connection.cursor().copy("COPY scan FROM STDIN")


async def list_import(connection: Connection, job_id: UUID, scope: Scope, *, copies_stay: bool) -> None:
    """An item for each path that the walk found; those that the job has already stay as they are."""
    values = {"job_id": job_id, "copy": COPY, **scope.values()}
    await connection.execute(_statement(scope, OF_IMPORT, copies_stay=copies_stay), values)


async def list_rescan(connection: Connection, job_id: UUID, scope: Scope, closed: Sequence[bytes]) -> None:
    """An item for each path that is not as the library has it; nothing is missing under folders that are `closed`."""
    values = {"job_id": job_id, "copy": COPY, "closed": list(closed), **scope.values()}
    await connection.execute(sql.SQL(FORGET_COPIES).format(scope=scope.sql()), values)
    await connection.execute(_statement(scope, OF_RESCAN, copies_stay=True), values)


async def leave_out(connection: Connection, job_id: UUID, paths: Sequence[bytes]) -> None:
    """Have nothing done about these paths, whatever was found of them."""
    if paths:
        await connection.execute(LEAVE_OUT, {"job_id": job_id, "paths": list(paths)})


async def note_gone(connection: Connection, job_id: UUID, roots: Sequence[bytes]) -> None:
    """Say of each of these roots that it is not there."""
    await connection.execute(
        GONE, {"job_id": job_id, "raw": list(roots), "shown": [shown(root) for root in roots], "reason": NOT_HERE}
    )


async def count_items(connection: Connection, job_id: UUID) -> tuple[int, int]:
    """How many of the walk's files have an item, and how many items are missing files."""
    cursor = await connection.execute(COUNT_ITEMS, {"job_id": job_id})
    found, missing = await cursor.fetchone() or (0, 0)
    return found, missing


async def still_missing(connection: Connection, scope: Scope) -> int:
    """How many files were missing before."""
    cursor = await connection.execute(sql.SQL(STILL_MISSING).format(scope=scope.sql()), scope.values())
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def note_listed(connection: Connection, job_id: UUID, progress: dict[str, int]) -> None:
    """Note that every item of the job is known."""
    await connection.execute(NOTE_LISTED, {"job_id": job_id, "progress": json.dumps(progress)})


async def library_roots(connection: Connection) -> list[Root]:
    """Everything that was ever imported, each by the shown path."""
    async with connection.cursor(row_factory=class_row(Root)) as cursor:
        await cursor.execute(ROOTS)
        return [root async for root in cursor if root.path]


def _statement(scope: Scope, worth_an_item: str, *, copies_stay: bool) -> sql.Composed:
    live = sql.SQL(LIVE).format(scope=scope.sql())
    sorted_out = sql.SQL(SORTED_OUT).format(live=live, copies_stay=sql.Literal(copies_stay))
    return sql.SQL(LIST).format(sorted_out=sorted_out, worth_an_item=sql.SQL(worth_an_item))
