"""SQL of what is stale: analyses that came from older prompts, another model, rules over words, or an older transcript."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row

from shared import selection
from shared.analyses import LOCAL, PROMPT_VERSION
from shared.contracts import Stage
from shared.database import Connection
from shared.selection import Filter


class Reason(StrEnum):
    """Why an analysis is stale."""

    PROMPT = "prompt"
    MODEL = "model"
    LOCAL = "local"
    TRANSCRIPT = "transcript"


MEANINGS = {
    Reason.PROMPT: "Answered to older prompts.",
    Reason.MODEL: "Answered by another model.",
    Reason.LOCAL: "Found by rules over words; no model looked at the file.",
    Reason.TRANSCRIPT: "What is said was written down anew, or put right, since.",
}
RENEWED = (Reason.PROMPT, Reason.MODEL, Reason.LOCAL)
"""What is renewed unless other reasons are named: those for which a model gives another answer."""

# An analysis is put together of sections that different models may have made; one from before that was known has none.
# Rules over words make nothing stale: they never take the place of what a model saw.
STALE = """
    SELECT files.id, files.path, files.kind, analysis.model, analysis.version, analysis.created_at,
           {local} <> {model} AND made.by_prompt AS by_prompt, {local} <> {model} AND made.by_model AS by_model,
           {local} <> {model} AND made.by_local AS is_local,
           files.kind <> 'image' AND EXISTS (
               SELECT FROM transcripts LEFT JOIN transcript_edits AS edit ON edit.transcript_id = transcripts.id
               WHERE transcripts.file_id = files.id AND transcripts.revision = files.revision
                 AND greatest(transcripts.created_at, edit.edited_at) > coalesce(run.started_at, analysis.created_at)
           ) AS is_unheard
    FROM files
    JOIN LATERAL (
        SELECT * FROM analyses WHERE file_id = files.id AND revision = files.revision ORDER BY created_at DESC LIMIT 1
    ) AS analysis ON true
    LEFT JOIN analysis_runs AS run ON run.id = analysis.analysis_run_id
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(maker <> {local} AND version <> {prompts}), false) AS by_prompt,
               coalesce(bool_or(maker <> {local} AND maker <> {model}), false) AS by_model,
               coalesce(bool_or(maker = {local}), false) AS by_local
        FROM (
            SELECT value->>'model' AS maker, value->>'version' AS version
            FROM jsonb_each(coalesce(analysis.result->'made', '{{}}'))
            UNION ALL SELECT analysis.model, analysis.version WHERE coalesce(analysis.result->'made', '{{}}') = '{{}}'
        ) AS sections
    ) AS made
    WHERE {selected} AND NOT EXISTS (
        SELECT FROM file_stages WHERE file_id = files.id AND stage = {stage} AND state = 'pending')
"""

COLUMNS = {Reason.PROMPT: "by_prompt", Reason.MODEL: "by_model", Reason.LOCAL: "is_local", Reason.TRANSCRIPT: "is_unheard"}

COUNTS = """
    SELECT count(*) FILTER (WHERE by_prompt) AS prompt, count(*) FILTER (WHERE by_model) AS model,
           count(*) FILTER (WHERE is_local) AS local, count(*) FILTER (WHERE is_unheard) AS transcript,
           count(*) FILTER (WHERE by_prompt OR by_model OR is_local OR is_unheard) AS files,
           count(*) FILTER (WHERE by_prompt OR by_model OR is_local) AS renewable, count(*) AS analysed
    FROM ({stale}) AS stale
"""

PAGE = """
    SELECT id AS file_id, path, kind, model, version, created_at, by_prompt, by_model, is_local, is_unheard
    FROM ({stale}) AS stale
    WHERE {reasons} AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s
"""

IDS = "SELECT id FROM ({stale}) AS stale WHERE {reasons} ORDER BY id LIMIT %(limit)s"


@dataclass(frozen=True)
class Counts:
    """Files by why they are stale; `renewable` are those for which a model gives another answer, `analysed` all there are."""

    prompt: int
    model: int
    local: int
    transcript: int
    files: int
    renewable: int
    analysed: int


async def counts(connection: Connection, wanted: Filter, model: str) -> Counts:
    """How many files are stale, were `model` to answer; a file may be so for several reasons."""
    stale, values = _stale(wanted, model)
    async with connection.cursor(row_factory=class_row(Counts)) as cursor:
        await cursor.execute(sql.SQL(COUNTS).format(stale=stale), values)
        found = await cursor.fetchone()
    assert found is not None
    return found


async def page(
    connection: Connection, wanted: Filter, model: str, reasons: Collection[Reason], *, before: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Files that are stale for one of the reasons, those that came last first."""
    stale, values = _stale(wanted, model)
    statement = sql.SQL(PAGE).format(stale=stale, reasons=_any(reasons))
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, {**values, "before": before, "limit": limit})
        return await cursor.fetchall()


async def ids(connection: Connection, wanted: Filter, model: str, reasons: Collection[Reason], *, limit: int) -> list[UUID]:
    """Files that are stale for one of the reasons; the first ones, if there are more."""
    stale, values = _stale(wanted, model)
    statement = sql.SQL(IDS).format(stale=stale, reasons=_any(reasons))
    cursor = await connection.execute(statement, {**values, "limit": limit})
    return [row[0] for row in await cursor.fetchall()]


def condition(wanted: Filter, model: str, reasons: Collection[Reason]) -> tuple[sql.Composable, dict[str, Any]]:
    """The same as a condition on `files`, and the values that it names."""
    stale, values = _stale(wanted, model)
    return sql.SQL("files.id IN (SELECT id FROM ({}) AS stale WHERE {})").format(stale, _any(reasons)), values


def _stale(wanted: Filter, model: str) -> tuple[sql.Composable, dict[str, Any]]:
    selected, values = selection.conditions(wanted)
    names = {"local": LOCAL, "model": model, "prompts": PROMPT_VERSION, "stage": str(Stage.ANALYSE)}
    literals = {name: sql.Literal(value) for name, value in names.items()}
    return sql.SQL(STALE).format(selected=selected, **literals), values


def _any(reasons: Collection[Reason]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" OR ").join(sql.SQL(COLUMNS[reason]) for reason in reasons))
