"""SQL of handing out the files of a batch: set by set, whatever their number."""

from collections.abc import Sequence
from uuid import UUID

from psycopg import sql

from services.ingest.batches.turns import Item, Settle, Standing
from shared import selection
from shared.batch_requests import BatchRequest, selected, unfinished
from shared.contracts import Kind, Stage, StageState
from shared.database import Connection

# A missing file's place may be taken by another, so its id is put behind the path; no path has a zero byte.
LIST = """
    INSERT INTO job_items (job_id, path_raw, path, file_id, kind, size)
    SELECT %(job_id)s, CASE WHEN missing_since IS NULL THEN path_raw ELSE path_raw || '\\x00' || uuid_send(id) END,
           path, id, kind, size
    FROM files WHERE {selected} AND {unfinished}
    ON CONFLICT DO NOTHING
"""

LISTED = "UPDATE jobs SET listed_at = now() WHERE id = %(job_id)s"

PAGE = """
    SELECT path_raw, file_id, kind FROM job_items
    WHERE job_id = %(job_id)s AND state = 'pending' AND path_raw > %(after)s ORDER BY path_raw LIMIT %(limit)s
"""

STANDINGS = """
    SELECT own.file_id, files.revision, own.revision = files.revision AND NOT (own.state = 'done' AND {lacking}) AS current,
           own.state, own.run_id, EXISTS (
        SELECT FROM file_stages AS earlier WHERE earlier.file_id = own.file_id AND earlier.stage = ANY(%(earlier)s::text[])
          AND earlier.state = 'pending' AND earlier.run_id IS NULL
    ) AS first_way
    FROM file_stages AS own JOIN files ON files.id = own.file_id
    WHERE own.file_id = ANY(%(file_ids)s::uuid[]) AND own.stage = %(stage)s
    ORDER BY own.file_id FOR NO KEY UPDATE OF own
"""

SETTLE = """
    UPDATE job_items SET state = settled.state, reason = settled.reason, settled_at = now()
    FROM unnest(%(paths)s::bytea[], %(states)s::text[], %(reasons)s::text[]) AS settled (path_raw, state, reason)
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = settled.path_raw AND job_items.state = 'pending'
"""

GIVE_UP = """
    UPDATE job_items SET state = 'failed', reason = %(reason)s, settled_at = now()
    FROM jobs
    WHERE jobs.id = %(job_id)s AND job_items.job_id = jobs.id AND job_items.state = 'pending' AND NOT EXISTS (
        SELECT FROM file_stages
        WHERE file_stages.file_id = job_items.file_id AND file_stages.stage = jobs.kind AND file_stages.run_id = jobs.id)
"""


async def list_items(connection: Connection, job_id: UUID, stage: Stage, request: BatchRequest) -> None:
    """Note which files a batch is about, all of them in one statement."""
    condition, values = selected(request)
    statement = sql.SQL(LIST).format(selected=condition, unfinished=unfinished(request, stage))
    await connection.execute(statement, {**values, "job_id": job_id})
    await connection.execute(LISTED, {"job_id": job_id})


async def pending_items(connection: Connection, job_id: UUID, after: bytes, limit: int) -> list[Item]:
    """The next items without a result, in the order of their paths."""
    cursor = await connection.execute(PAGE, {"job_id": job_id, "after": after, "limit": limit})
    return [Item(path_raw, file_id, Kind(kind)) for path_raw, file_id, kind in await cursor.fetchall()]


async def standings(connection: Connection, stage: Stage, file_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """How far these files are, which stays so until the transaction ends."""
    order = list(Stage)
    values = {"stage": stage, "file_ids": list(file_ids), "earlier": order[: order.index(stage)]}
    lacking = sql.SQL(selection.LACKING if stage is Stage.EMBED else "false")
    cursor = await connection.execute(sql.SQL(STANDINGS).format(lacking=lacking), values)
    return {
        file_id: Standing(file_id, revision, current, StageState(state), run_id, first_way)
        for file_id, revision, current, state, run_id, first_way in await cursor.fetchall()
    }


async def settle_items(connection: Connection, job_id: UUID, settled: Sequence[Settle]) -> None:
    """Note the results of items that are not handed out."""
    values = {
        "job_id": job_id,
        "paths": [verdict.item.path_raw for verdict in settled],
        "states": [verdict.state for verdict in settled],
        "reasons": [verdict.reason for verdict in settled],
    }
    await connection.execute(SETTLE, values)


async def give_up(connection: Connection, job_id: UUID, reason: str) -> None:
    """Note as failed what was not handed out; what was goes on."""
    await connection.execute(GIVE_UP, {"job_id": job_id, "reason": reason})
