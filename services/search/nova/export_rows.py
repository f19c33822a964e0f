"""SQL of exports: files with their latest analysis and all that was paid for them, page by page from one reading."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row

from shared.database import Connection

PAGE = 200
"""Files that are in memory at a time."""
USUAL = ("family", "functional_type", "tier_level", "sub_type")
"""Names of dimensions that come first, in the order in which they are decided."""

DIMENSIONS = """
    SELECT DISTINCT jsonb_object_keys(result->'waterfall_classification'->'dimensions') FROM ({files}) AS files
"""

FILES = """
    SELECT files.id AS file_id, files.path, files.kind, files.duration, files.width, files.height, files.captured_at,
           files.camera, analysis.result, analysis.created_at AS analysed_at
    FROM files JOIN LATERAL (
        SELECT result, created_at FROM analyses WHERE file_id = files.id AND revision = files.revision
        ORDER BY created_at DESC LIMIT 1
    ) AS analysis ON true
    WHERE {selected} ORDER BY files.path, files.id
"""

CALLS = """
    SELECT file_id, analysis_run_id, purpose, state, model, model_id, request_id, input_tokens, output_tokens,
           cache_read_tokens, usd, latency_ms, stop_reason, requested_by, begun_at, ended_at
    FROM model_calls AS call WHERE {about} ORDER BY begun_at, id
"""
OF_FILES = sql.SQL("file_id = ANY(%(files)s::uuid[])")
OF_JOB = sql.SQL(
    "file_id = ANY(%(files)s::uuid[]) AND analysis_run_id IN (SELECT id FROM analysis_runs WHERE job_id = %(job_id)s)"
)

FILES_OF_JOB = sql.SQL("files.id IN (SELECT file_id FROM job_items WHERE job_id = %(job_id)s AND state = 'done')")


async def dimensions(connection: Connection, selected: sql.Composable, values: dict[str, Any]) -> list[str]:
    """By what these files are classified."""
    statement = sql.SQL(DIMENSIONS).format(files=sql.SQL(FILES).format(selected=selected))
    cursor = await connection.execute(statement, values)
    found = {row[0] for row in await cursor.fetchall()}
    return [*(name for name in USUAL if name in found), *sorted(found - set(USUAL))]


async def analysed(
    connection: Connection, selected: sql.Composable, values: dict[str, Any], calls: sql.Composable
) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of files as `sheets.py` takes them, within a transaction."""
    async with connection.cursor("export", row_factory=dict_row) as cursor:
        await cursor.execute(sql.SQL(FILES).format(selected=selected), values)
        while files := await cursor.fetchmany(PAGE):
            paid = await _calls(connection, [file["file_id"] for file in files], values, calls)
            yield [plain({**file, "calls": paid.get(file["file_id"], [])}) for file in files]


async def _calls(
    connection: Connection, file_ids: list[UUID], values: dict[str, Any], about: sql.Composable
) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(sql.SQL(CALLS).format(about=about), {**values, "files": file_ids})
        for call in await cursor.fetchall():
            found.setdefault(call.pop("file_id"), []).append(plain(call))
    return found


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row in values that JSON and cells have: times and ids as text, money as a number."""
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
