"""SQL of the reconciliation: the listing of the object store beside the rows of renditions, in one comparison."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.proxy.reconcile.findings import GRACE, MAIN, NO_PROXY, SENTENCES, Change
from shared.contracts import Kind, Stage, StageState
from shared.database import Connection

LISTING = "CREATE TEMPORARY TABLE stored (key text, bytes bigint, stored_at timestamptz) ON COMMIT DROP"

KNOWN = "SELECT DISTINCT files.kind, name, recipe FROM renditions JOIN files ON files.id = renditions.file_id"

ADD = "INSERT INTO job_items (job_id, path_raw, path, file_id, kind, size, change, reason)"

ORPHANS = f"""
    {ADD}
    SELECT %(job_id)s, convert_to(key, 'UTF8'), key, NULL, NULL, stored.bytes, 'orphan', %(orphan)s
    FROM stored LEFT JOIN renditions USING (key)
    WHERE renditions.key IS NULL AND stored_at < %(began)s - make_interval(secs => %(grace)s)
"""  # noqa: S608 - the text is ours

# What is being made, or was made since the listing began, may differ from it.
DRIFT = f"""
    {ADD}
    SELECT %(job_id)s, convert_to(key, 'UTF8'), path, file_id, kind, bytes, change, %(sentences)s::jsonb->>change
    FROM (
        SELECT made.key, files.path, files.id AS file_id, files.kind, made.bytes,
               CASE WHEN made.revision < files.revision THEN 'stale' WHEN stored.key IS NULL THEN 'missing'
                    WHEN stored.bytes <> made.bytes THEN 'size' WHEN outdated.name IS NOT NULL THEN 'recipe' END AS change
        FROM renditions AS made JOIN files ON files.id = made.file_id
        JOIN file_stages ON file_stages.file_id = files.id AND file_stages.stage = 'proxy' AND file_stages.state <> 'pending'
        LEFT JOIN stored ON stored.key = made.key
        LEFT JOIN unnest(%(kinds)s::text[], %(names)s::text[], %(recipes)s::text[]) AS outdated (kind, name, recipe)
            ON outdated.kind = files.kind AND outdated.name = made.name AND outdated.recipe = made.recipe
        WHERE made.created_at < %(began)s
    ) AS compared WHERE change IS NOT NULL
"""  # noqa: S608 - the text is ours

WITHOUT = f"""
    {ADD}
    SELECT %(job_id)s, convert_to('proxy/' || files.id, 'UTF8'), files.path, files.id, files.kind, 0, 'missing', %(no_proxy)s
    FROM files JOIN file_stages ON file_stages.file_id = files.id AND file_stages.stage = 'proxy'
    WHERE file_stages.state = 'done' AND file_stages.reason IS NULL AND file_stages.settled_at < %(began)s
      AND NOT EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name = %(main)s::jsonb->>files.kind)
"""  # noqa: S608 - the text is ours

SUMS = """
    SELECT jsonb_build_object('objects', (SELECT count(*) FROM stored), 'bytes', (SELECT coalesce(sum(bytes), 0) FROM stored),
                              'renditions', (SELECT count(*) FROM renditions))
"""

PENDING_ORPHANS = """
    SELECT path FROM job_items WHERE job_id = %(job_id)s AND state = 'pending' AND change = 'orphan' LIMIT %(limit)s
"""

HOLD = """
    SELECT file_id FROM file_stages WHERE stage = %(stage)s AND file_id = ANY(%(file_ids)s::uuid[]) AND state = %(pending)s
"""
HOLD_ROWS = """
    SELECT FROM file_stages WHERE stage = %(stage)s AND file_id = ANY(%(file_ids)s::uuid[]) ORDER BY file_id FOR SHARE
"""

USED = "SELECT key FROM renditions WHERE key = ANY(%(keys)s::text[])"

SETTLE_ORPHANS = """
    UPDATE job_items SET state = settled.state, reason = settled.reason, settled_at = now()
    FROM unnest(%(keys)s::text[], %(states)s::text[], %(reasons)s::text[]) AS settled (key, state, reason)
    WHERE job_id = %(job_id)s AND path_raw = convert_to(settled.key, 'UTF8') AND job_items.state = 'pending'
"""

HAND_OVER = """
    UPDATE job_items SET state = 'done', reason = %(reason)s, settled_at = now()
    WHERE job_id = %(job_id)s AND state = 'pending' AND file_id IS NOT NULL
"""

REPORT = "UPDATE jobs SET state = %(state)s, listed_at = now(), progress = %(sums)s WHERE id = %(job_id)s"


async def now(connection: Connection) -> datetime:
    """The time by the database's clock."""
    cursor = await connection.execute("SELECT now()")
    row = await cursor.fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


async def known_recipes(connection: Connection) -> list[tuple[Kind, str, str]]:
    """Every kind of file, name and recipe that renditions have."""
    cursor = await connection.execute(KNOWN)
    return [(Kind(kind), name, recipe) for kind, name, recipe in await cursor.fetchall()]


async def load_listing(connection: Connection, pieces: AsyncIterator[bytes]) -> None:
    """Put the listing of the object store into a table of the transaction."""
    await connection.execute(LISTING)
    async with connection.cursor() as cursor, cursor.copy("COPY stored FROM STDIN") as copy:
        async for piece in pieces:
            await copy.write(piece)
    await connection.execute("ANALYZE stored")


async def compare(
    connection: Connection, job_id: UUID, began: datetime, outdated: Sequence[tuple[Kind, str, str]]
) -> Mapping[str, int]:
    """Note every difference as an item of the job; answers with how much was compared."""
    values = {
        "job_id": job_id,
        "began": began,
        "grace": GRACE,
        "orphan": SENTENCES[Change.ORPHAN],
        "no_proxy": NO_PROXY,
        "sentences": Jsonb(dict(SENTENCES)),
        "main": Jsonb(dict(MAIN)),
        "kinds": [kind for kind, _, _ in outdated],
        "names": [name for _, name, _ in outdated],
        "recipes": [recipe for _, _, recipe in outdated],
    }
    for statement in (ORPHANS, DRIFT, WITHOUT):
        await connection.execute(statement, values)
    cursor = await connection.execute(SUMS)
    row = await cursor.fetchone()
    assert row is not None
    sums: Mapping[str, int] = row[0]
    return sums


async def note_compared(connection: Connection, job_id: UUID, state: str, sums: Mapping[str, int]) -> None:
    """Note how much was compared, and what the job is from here on: reported, until somebody approves, or running."""
    await connection.execute(REPORT, {"job_id": job_id, "state": state, "sums": Jsonb(dict(sums))})


async def pending_orphans(connection: Connection, job_id: UUID, limit: int) -> list[str]:
    """Keys of objects that are to be removed."""
    cursor = await connection.execute(PENDING_ORPHANS, {"job_id": job_id, "limit": limit})
    return [row[0] for row in await cursor.fetchall()]


async def hold_still(connection: Connection, file_ids: Sequence[UUID]) -> set[UUID]:
    """Keep anybody from beginning with these files' renditions until the transaction ends; those that are being made."""
    values = {"stage": Stage.PROXY, "file_ids": list(file_ids), "pending": StageState.PENDING}
    await connection.execute(HOLD_ROWS, values)
    cursor = await connection.execute(HOLD, values)
    return {row[0] for row in await cursor.fetchall()}


async def used_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that a rendition has."""
    cursor = await connection.execute(USED, {"keys": list(keys)})
    return {row[0] for row in await cursor.fetchall()}


async def settle_orphans(connection: Connection, job_id: UUID, results: Mapping[str, tuple[StageState, str]]) -> None:
    """Note what became of objects, by key."""
    values = {
        "job_id": job_id,
        "keys": list(results),
        "states": [state for state, _ in results.values()],
        "reasons": [reason for _, reason in results.values()],
    }
    await connection.execute(SETTLE_ORPHANS, values)


async def hand_over(connection: Connection, job_id: UUID, reason: str) -> int:
    """Note that the files' findings are another job's from here on; answers with their number."""
    cursor = await connection.execute(HAND_OVER, {"job_id": job_id, "reason": reason})
    return cursor.rowcount
