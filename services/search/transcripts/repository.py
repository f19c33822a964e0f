"""SQL of transcripts: Postgres writes the JSON of lists and long texts, and one rule says which transcript is the best."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from services.search.transcripts.changes import Line, line_of, state_of
from shared.contracts import Kind, Stage
from shared.database import Connection
from shared.errors import NotFound
from shared.transcripts import BEST_FIRST, BEST_OF_FILE

# What a segment is, so that nobody overwrites what they have not seen; positions and scores are no part of it.
VERSION = "md5(concat_ws(chr(31), start_s, end_s, text, coalesce(speaker, ''), locked))"

SEGMENT = f"""
    'id', id, 'start', start_s, 'end', end_s, 'text', text, 'speaker', speaker, 'locked', locked, 'doubts', doubts,
    'avg_logprob', avg_logprob, 'no_speech', no_speech, 'compression_ratio', compression_ratio, 'temperature', temperature,
    'version', {VERSION}
"""

SUMMARY = f"""
    'id', transcripts.id, 'file_id', transcripts.file_id, 'revision', transcripts.revision,
    'outdated', transcripts.revision <> files.revision, 'model', model, 'settings', settings, 'language', language,
    'task', task, 'source', source, 'name', name, 'duration', transcripts.duration, 'created_at', transcripts.created_at,
    'segment_count', counts.segments, 'doubtful_count', counts.doubtful, 'locked_count', counts.locked,
    'best', transcripts.id IS NOT DISTINCT FROM ({BEST_OF_FILE}), 'chosen', chosen
"""

COUNTS = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS segments, count(*) FILTER (WHERE doubts <> '[]') AS doubtful,
               count(*) FILTER (WHERE locked) AS locked
        FROM transcript_segments WHERE transcript_id = transcripts.id
    ) AS counts
"""

LIST = sql.SQL(f"""
    SELECT coalesce(json_agg(json_build_object({SUMMARY})
                    ORDER BY transcripts.revision = files.revision DESC, {BEST_FIRST}), '[]')::text
    FROM transcripts JOIN files ON files.id = transcripts.file_id {COUNTS} WHERE file_id = %(file_id)s
""")  # noqa: S608 - built of constants

DETAIL = """
    SELECT json_build_object({summary}, 'segments', (
               SELECT coalesce(json_agg(json_build_object({segment}) ORDER BY position), '[]')
               FROM transcript_segments WHERE transcript_id = transcripts.id))::text AS detail,
           json_build_object('id', files.id, 'path', files.path, 'kind', files.kind, 'duration', files.duration)::text AS file,
           files.path, language
    FROM transcripts JOIN files ON files.id = transcripts.file_id {counts} WHERE transcripts.id = %(id)s
"""

LINE = """
    id, start_s AS start, end_s AS "end", text, speaker, locked, doubts, words, avg_logprob, no_speech, compression_ratio,
    temperature
"""
LINES = f"SELECT {LINE} FROM transcript_segments WHERE transcript_id = %(id)s ORDER BY position"  # noqa: S608 - ours

HOLD = "SELECT FROM files WHERE id = %(id)s FOR NO KEY UPDATE"

FILE = f"""
    SELECT id, revision, kind, duration, ({BEST_OF_FILE}) AS best,
           EXISTS (SELECT FROM file_stages WHERE file_id = files.id AND stage = %(stage)s AND state = 'pending') AS unread
    FROM files WHERE id = %(id)s
"""  # noqa: S608 - built of constants

FORGET_CHOICE = "UPDATE transcripts SET chosen = false WHERE file_id = %(file_id)s AND revision = %(revision)s AND chosen"
CHOOSE = "UPDATE transcripts SET chosen = true WHERE id = %(id)s AND file_id = %(file_id)s AND revision = %(revision)s"
DELETE = "DELETE FROM transcripts WHERE id = %(id)s"

STANDING = """
    SELECT file_id, source, (SELECT count(*) FROM transcript_segments WHERE transcript_id = transcripts.id AND locked) AS locked
    FROM transcripts WHERE id = %(id)s
"""

SAVE_IMPORT = """
    INSERT INTO transcripts (id, file_id, revision, model, settings, language, duration, source, name)
    VALUES (%(id)s, %(file_id)s, %(revision)s, 'import', %(settings)s, %(language)s, %(duration)s, 'import', %(name)s)
    ON CONFLICT (id) DO UPDATE SET language = coalesce(%(given)s, transcripts.language)
    RETURNING language, xmax = 0 AS created
"""

SAVE_LINES = """
    INSERT INTO transcript_segments (transcript_id, position, id, start_s, end_s, text, speaker, locked, doubts, words,
                                     avg_logprob, no_speech, compression_ratio, temperature)
    SELECT %(transcript_id)s, %(first)s + place - 1, id, start, "end", text, speaker, locked, doubts, words,
           avg_logprob, no_speech, compression_ratio, temperature
    FROM ROWS FROM (jsonb_to_recordset(%(lines)s) AS (
        id uuid, start double precision, "end" double precision, text text, speaker text, locked boolean, doubts jsonb,
        words jsonb, avg_logprob double precision, no_speech double precision, compression_ratio double precision,
        temperature double precision)) WITH ORDINALITY AS line (id, start, "end", text, speaker, locked, doubts, words,
        avg_logprob, no_speech, compression_ratio, temperature, place)
"""


@dataclass(frozen=True)
class TranscribedFile:
    """A file as edits of its transcripts see it; `unread` says that its analysis, and so its search, is still to come."""

    id: UUID
    revision: int
    kind: Kind
    duration: float | None
    best: UUID | None
    unread: bool


async def list_of(connection: Connection, file_id: UUID) -> str:
    """A file's transcripts as JSON text, the best first; raises NotFound for a file that is not there."""
    await file_of(connection, file_id)
    cursor = await connection.execute(LIST, {"file_id": file_id})
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def detail_of(connection: Connection, transcript_id: UUID, *, words: bool = False) -> dict[str, Any]:
    """A transcript as JSON text (`detail`), its file (`file`), and its `path` and `language`; raises NotFound."""
    segment = f"{SEGMENT}, 'words', words" if words else SEGMENT
    statement = sql.SQL(DETAIL).format(summary=sql.SQL(SUMMARY), segment=sql.SQL(segment), counts=sql.SQL(COUNTS))
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, {"id": transcript_id})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("transcript", transcript_id)
    return row


async def lines_of(connection: Connection, transcript_id: UUID) -> list[Line]:
    """Every segment of a transcript."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(LINES, {"id": transcript_id})
        return [line_of(row) for row in await cursor.fetchall()]


async def file_of(connection: Connection, file_id: UUID, *, hold: bool = False) -> TranscribedFile:
    """The file; if asked for, nobody else changes what stands for it until the transaction ends. Raises NotFound."""
    if hold:
        await connection.execute(HOLD, {"id": file_id})
    async with connection.cursor(row_factory=class_row(TranscribedFile)) as cursor:
        await cursor.execute(FILE, {"id": file_id, "stage": Stage.ANALYSE})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("file", file_id)
    return row


async def best_of(connection: Connection, file_id: UUID) -> UUID:
    """The transcript that stands for a file; raises NotFound."""
    best = (await file_of(connection, file_id)).best
    if best is None:
        raise NotFound("transcript of the file", file_id)
    return best


async def standing_of(connection: Connection, transcript_id: UUID) -> tuple[UUID, str, int]:
    """A transcript's file, its source, and how many of its segments are locked; raises NotFound."""
    cursor = await connection.execute(STANDING, {"id": transcript_id})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("transcript", transcript_id)
    return row[0], row[1], row[2]


async def choose(connection: Connection, file: TranscribedFile, transcript_id: UUID | None) -> None:
    """Let a transcript stand for its file whatever the rule says, or leave it to the rule; raises NotFound."""
    values = {"id": transcript_id, "file_id": file.id, "revision": file.revision}
    await connection.execute(FORGET_CHOICE, values)
    if transcript_id is not None and (await connection.execute(CHOOSE, values)).rowcount == 0:
        raise NotFound(f"transcript of the present content of file {file.id}", transcript_id)


async def delete(connection: Connection, transcript_id: UUID) -> None:
    """Forget a transcript, its segments and its history."""
    await connection.execute(DELETE, {"id": transcript_id})


async def save_import(connection: Connection, values: dict[str, Any]) -> tuple[str, bool]:
    """Keep a transcript that was handed in; its language, in place of which one that is `given` goes, and whether it is new."""
    row = await (await connection.execute(SAVE_IMPORT, {**values, "settings": Jsonb(values["settings"])})).fetchone()
    assert row is not None
    return row[0], row[1]


async def save_lines(connection: Connection, transcript_id: UUID, first: int, lines: list[Line]) -> None:
    """Write segments from the position `first` on, which must be free."""
    rows = Jsonb([state_of(line) for line in lines])
    await connection.execute(SAVE_LINES, {"transcript_id": transcript_id, "first": first, "lines": rows})
