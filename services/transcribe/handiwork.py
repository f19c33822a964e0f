"""SQL of what people did to a transcript: the segments that they wrote and deleted, which the next one takes over."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from shared.database import Connection
from shared.identifiers import new_id
from shared.transcripts import BEST_FIRST

# Asked before the new transcript is written, which may be the best one then.
BEST = f"""
    SELECT transcripts.id FROM transcripts
    WHERE transcripts.file_id = %(file_id)s AND transcripts.revision = %(revision)s AND transcripts.task = %(task)s
    ORDER BY transcripts.id = %(id)s DESC, {BEST_FIRST} LIMIT 1
"""  # noqa: S608 - built of constants

LOCKED = """
    SELECT id, start_s AS start, end_s AS "end", text, words, speaker, doubts, avg_logprob, no_speech, compression_ratio,
           temperature
    FROM transcript_segments WHERE transcript_id = %(id)s AND locked ORDER BY position
"""

# A segment that stands there now was put back, or written anew: what is said there is wanted again.
DELETED = """
    WITH deleted AS (
        SELECT edit.id AS edit_id, (line ->> 'start')::double precision AS start, (line ->> 'end')::double precision AS "end"
        FROM transcript_edits AS edit, jsonb_array_elements(edit.before) AS line
        WHERE edit.transcript_id = %(id)s AND edit.action = 'delete'
    )
    SELECT edit_id, start, "end" FROM deleted WHERE NOT EXISTS (
        SELECT FROM transcript_segments AS present
        WHERE present.transcript_id = %(id)s
          AND 2 * (least(present.end_s, deleted."end") - greatest(present.start_s, deleted.start))
              > present.end_s - present.start_s)
    ORDER BY edit_id
"""

# The segments get ids of their own, so that the deletion can be undone in both transcripts.
TAKE_OVER = """
    INSERT INTO transcript_edits (id, transcript_id, segment_id, action, before, after, author, edited_at)
    SELECT copy.id, %(id)s, copy.segment_id, edit.action, jsonb_set(edit.before, '{0,id}', to_jsonb(copy.segment_id)),
           edit.after, edit.author, edit.edited_at
    FROM unnest(%(edits)s::uuid[], %(ids)s::uuid[], %(segments)s::uuid[]) AS copy (edit_id, id, segment_id)
    JOIN transcript_edits AS edit ON edit.id = copy.edit_id
"""


@dataclass(frozen=True)
class Line:
    """A segment as its row has it."""

    id: UUID
    start: float
    end: float
    text: str
    words: list[dict[str, Any]]
    speaker: str | None
    doubts: list[dict[str, str]]
    avg_logprob: float | None
    no_speech: float | None
    compression_ratio: float | None
    temperature: float | None
    locked: bool = True


@dataclass(frozen=True)
class Deleted:
    """The stretch of a segment that somebody deleted, in seconds, and the entry of the history that says so."""

    edit_id: UUID
    start: float
    end: float


@dataclass(frozen=True)
class Handiwork:
    """What people did to a transcript."""

    transcript_id: UUID | None
    locked: list[Line]
    deleted: list[Deleted]


async def handiwork_of(connection: Connection, values: dict[str, Any]) -> Handiwork:
    """What a new version of a transcript takes over: from itself, or, if it is new, from the best one of its content and task.

    `values` are those of its row. Locked segments are copies, if they stay in another transcript as well.
    """
    row = await (await connection.execute(BEST, values)).fetchone()
    if row is None:
        return Handiwork(None, [], [])
    best = {"id": row[0]}
    async with connection.cursor(row_factory=class_row(Line)) as cursor:
        locked = await (await cursor.execute(LOCKED, best)).fetchall()
    async with connection.cursor(row_factory=class_row(Deleted)) as cursor:
        deleted = await (await cursor.execute(DELETED, best)).fetchall()
    if row[0] != values["id"]:
        locked = [replace(line, id=new_id()) for line in locked]
    return Handiwork(row[0], locked, deleted)


async def take_over(connection: Connection, handiwork: Handiwork, transcript_id: UUID) -> None:
    """Let a transcript know what was deleted in the one that it follows, for the next version of it and for who undoes it."""
    if handiwork.deleted and handiwork.transcript_id != transcript_id:
        values = {
            "id": transcript_id,
            "edits": [deleted.edit_id for deleted in handiwork.deleted],
            "ids": sorted(new_id() for _ in handiwork.deleted),
            "segments": [new_id() for _ in handiwork.deleted],
        }
        await connection.execute(TAKE_OVER, values)
