"""SQL of analyses that were asked for: how far each is, what it cost, what it found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from shared.database import Connection

# Of a file that was asked about several times in one job, as after a crash, only the latest run counts.
RUNS = """
    SELECT DISTINCT ON (file_id) * FROM analysis_runs WHERE job_id = %(id)s ORDER BY file_id, started_at DESC
"""

COUNTS = """
    SELECT count(*) AS total, count(*) FILTER (WHERE state = 'pending') AS pending,
           count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'skipped') AS skipped,
           count(*) FILTER (WHERE state = 'failed') AS failed
    FROM job_items WHERE job_id = %(id)s
"""

MOVING = f"""
    SELECT count(*) FILTER (WHERE runs.state = 'running') AS running, count(*) FILTER (WHERE runs.state = 'waiting') AS waiting,
           coalesce(sum(chunks_done / nullif(chunks, 0)::float8), 0) AS parts,
           max(runs.reason) FILTER (WHERE runs.state = 'waiting') AS reason, min(runs.started_at) AS began
    FROM ({RUNS}) AS runs
    JOIN job_items AS item ON item.job_id = %(id)s AND item.file_id = runs.file_id AND item.state = 'pending'
    WHERE runs.state IN ('running', 'waiting')
"""  # noqa: S608 - built of constants

WORKING = """
    SELECT count(*) FROM stage_work AS work JOIN file_stages USING (file_id, stage)
    WHERE work.stage = 'analyse' AND file_stages.run_id = %(id)s AND file_stages.state = 'pending'
"""

SPENT = """
    SELECT count(*) AS calls, coalesce(sum(call.usd) FILTER (WHERE call.state <> 'begun'), 0) AS usd,
           coalesce(sum(usd_reserved) FILTER (WHERE call.state = 'begun'), 0) AS usd_reserved,
           coalesce(sum(input_tokens), 0)::bigint AS input_tokens, coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
           coalesce(sum(cache_read_tokens), 0)::bigint AS cache_read_tokens
    FROM model_calls AS call JOIN analysis_runs AS run ON run.id = call.analysis_run_id WHERE run.job_id = %(id)s
"""

# What a run found stands in the analysis that it led to, until a later run of the same model takes its place there.
FILES = f"""
    SELECT item.path_raw, files.id AS file_id, files.path, files.kind, files.revision, files.metadata, files.captured_at,
           files.camera, files.latitude, files.longitude, item.state, item.reason,
           run.id AS run_id, run.model, run.model_id, run.prompt_version, run.analyses, run.options, run.chunks_done,
           run.chunks, run.estimate, run.requested_by, run.started_at, run.finished_at,
           run.state AS run_state, run.reason AS run_reason,
           found.id AS analysis_id, found.result
    FROM job_items AS item JOIN files ON files.id = item.file_id
    LEFT JOIN ({RUNS}) AS run ON run.file_id = item.file_id
    LEFT JOIN LATERAL (
        SELECT id, result FROM analyses
        WHERE item.state = 'done' AND file_id = files.id AND revision = files.revision
        ORDER BY analysis_run_id IS NOT DISTINCT FROM run.id DESC, created_at DESC LIMIT 1
    ) AS found ON true
    WHERE item.job_id = %(id)s AND item.path_raw > %(after)s ORDER BY item.path_raw LIMIT %(limit)s
"""  # noqa: S608 - built of constants

CALLS = """
    SELECT id, analysis_run_id, purpose, model, model_id, state, request_id, input_tokens, output_tokens, cache_read_tokens,
           cache_write_tokens, usd, usd_reserved, latency_ms, stop_reason, error, requested_by, begun_at, ended_at,
           CASE WHEN %(answers)s THEN answer END AS answer
    FROM model_calls WHERE analysis_run_id = ANY(%(runs)s::uuid[]) ORDER BY begun_at, id
"""

# What an answer that was there already had cost when it was paid for: by the latest earlier run that asked the same.
PAID_BEFORE = """
    SELECT sum(call.usd) AS usd
    FROM analysis_runs AS run
    JOIN LATERAL (
        SELECT earlier.id FROM analysis_runs AS earlier
        WHERE earlier.file_id = run.file_id AND earlier.revision = run.revision AND earlier.model = run.model
          AND earlier.prompt_version = run.prompt_version AND earlier.analyses = run.analyses
          AND earlier.id <> run.id AND earlier.started_at < run.started_at
          AND EXISTS (SELECT FROM model_calls WHERE analysis_run_id = earlier.id AND state = 'answered')
        ORDER BY earlier.started_at DESC LIMIT 1
    ) AS paid ON true
    JOIN model_calls AS call ON call.analysis_run_id = paid.id AND call.state = 'answered'
    WHERE run.id = %(run)s
"""

CURRENT = """
    SELECT analyses.id AS analysis_id, analyses.model, analyses.version, analyses.created_at, analyses.result, run.id AS run_id,
           run.job_id, analyses.revision <> files.revision AS outdated
    FROM files LEFT JOIN analyses ON analyses.file_id = files.id
    LEFT JOIN analysis_runs AS run ON run.id = analyses.analysis_run_id
    WHERE files.id = %(id)s
    ORDER BY analyses.revision = files.revision DESC NULLS LAST, analyses.created_at DESC LIMIT 1
"""

OF_FILE = """
    SELECT run.id AS run_id, run.job_id, run.revision, run.model, run.model_id, run.prompt_version, run.analyses, run.options,
           run.state, run.reason, run.chunks_done, run.chunks, run.estimate, run.requested_by, run.started_at, run.finished_at,
           (SELECT coalesce(sum(usd), 0) FROM model_calls WHERE analysis_run_id = run.id AND state <> 'begun') AS usd,
           (SELECT count(*) FROM model_calls WHERE analysis_run_id = run.id) AS calls,
           EXISTS (SELECT FROM analyses WHERE analysis_run_id = run.id) AS kept
    FROM analysis_runs AS run WHERE file_id = %(id)s AND (%(before)s::uuid IS NULL
        OR (started_at, id) < (SELECT started_at, id FROM analysis_runs WHERE id = %(before)s))
    ORDER BY started_at DESC, id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Counts:
    """Files of a job, by what became of them."""

    total: int
    pending: int
    done: int
    skipped: int
    failed: int


@dataclass(frozen=True)
class Moving:
    """Files of a job that are being analysed: how many run and wait, their finished parts as a sum of shares, why one waits."""

    running: int
    waiting: int
    parts: float
    reason: str | None
    began: datetime | None


@dataclass(frozen=True)
class Spent:
    """What the calls of a job cost that have ended, and what those under way may cost at most."""

    calls: int
    usd: Decimal
    usd_reserved: Decimal
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int


async def counts(connection: Connection, job_id: UUID) -> Counts:
    """Files of a job by state."""
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(COUNTS, {"id": job_id})
        found = await cursor.fetchone()
    assert found is not None
    return found


async def moving(connection: Connection, job_id: UUID) -> Moving:
    """Files of a job that are being analysed."""
    async with connection.cursor(row_factory=class_row(Moving)) as cursor:
        await cursor.execute(MOVING.encode(), {"id": job_id})
        found = await cursor.fetchone()
    assert found is not None
    return found


async def working(connection: Connection, job_id: UUID) -> int:
    """Files of a job that a worker has in hand."""
    cursor = await connection.execute(WORKING, {"id": job_id})
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def spent(connection: Connection, job_id: UUID) -> Spent:
    """What a job has cost so far."""
    async with connection.cursor(row_factory=class_row(Spent)) as cursor:
        await cursor.execute(SPENT, {"id": job_id})
        found = await cursor.fetchone()
    assert found is not None
    return found


async def files(connection: Connection, job_id: UUID, *, after: bytes = b"", limit: int) -> list[dict[str, Any]]:
    """The files of a job after a place, with the run about each and what it found."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FILES.encode(), {"id": job_id, "after": after, "limit": limit})
        return await cursor.fetchall()


async def calls(connection: Connection, runs: Sequence[UUID], *, answers: bool) -> list[dict[str, Any]]:
    """The paid calls of these runs, if asked for with the answers as they came."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(CALLS, {"runs": list(runs), "answers": answers})
        return await cursor.fetchall()


async def paid_before(connection: Connection, run_id: UUID) -> Decimal:
    """What was paid for the same answers by an earlier run about the file; 0 if none was."""
    cursor = await connection.execute(PAID_BEFORE, {"run": run_id})
    row = await cursor.fetchone()
    return row[0] if row and row[0] is not None else Decimal(0)


async def current(connection: Connection, file_id: UUID) -> dict[str, Any] | None:
    """A file's analysis as it is now; None if there is no such file, without `analysis_id` if it has none."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(CURRENT, {"id": file_id})
        return await cursor.fetchone()


async def of_file(connection: Connection, file_id: UUID, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """The runs about a file, the latest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(OF_FILE, {"id": file_id, "before": before, "limit": limit})
        return await cursor.fetchall()
