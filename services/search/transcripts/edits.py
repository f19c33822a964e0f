"""SQL of edits: who holds a transcript, what stands where in it, and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.search.transcripts import repository
from services.search.transcripts.changes import Change, Line, Place, line_of, state_of
from services.search.transcripts.repository import LINE, SEGMENT, VERSION, TranscribedFile
from shared.database import Connection
from shared.errors import Conflict, NotFound

# A transcription that writes the same transcript anew waits for this row, too.
HOLD = "SELECT revision, duration FROM transcripts WHERE id = %(id)s FOR NO KEY UPDATE"

FOUND = f"""
    SELECT {LINE}, {VERSION} AS version, position
    FROM transcript_segments WHERE transcript_id = %(transcript_id)s AND id = ANY (%(ids)s::uuid[])
"""  # noqa: S608 - built of constants

BEFORE_THESE = """
    SELECT min(position) - 1 FROM transcript_segments
    WHERE transcript_id = %(transcript_id)s AND id = ANY (%(ids)s::uuid[])
"""
BY_TIME = "SELECT max(position) FROM transcript_segments WHERE transcript_id = %(transcript_id)s AND start_s <= %(start)s"

BESIDE = f"""
    (SELECT {LINE}, true AS before FROM transcript_segments
     WHERE transcript_id = %(transcript_id)s AND position <= %(low)s ORDER BY position DESC LIMIT 1)
    UNION ALL
    (SELECT {LINE}, false FROM transcript_segments
     WHERE transcript_id = %(transcript_id)s AND position > %(low)s AND id <> ALL (%(ids)s::uuid[]) ORDER BY position LIMIT 1)
"""  # noqa: S608 - built of constants

REMOVE = "DELETE FROM transcript_segments WHERE transcript_id = %(transcript_id)s AND id = ANY (%(ids)s::uuid[])"

# In two steps by way of negative numbers, as no two segments may have one position even for a moment.
SHIFT = """
    UPDATE transcript_segments SET position = -1 - position - %(room)s
    WHERE transcript_id = %(transcript_id)s AND position > %(low)s
      AND (SELECT min(position) FROM transcript_segments WHERE transcript_id = %(transcript_id)s AND position > %(low)s)
          <= %(low)s + %(room)s
"""
SHIFTED = """
    UPDATE transcript_segments SET position = -1 - position WHERE transcript_id = %(transcript_id)s AND position < 0
"""

TOLD = f"""
    SELECT coalesce(json_agg(json_build_object({SEGMENT}, 'words', words) ORDER BY position), '[]')
    FROM transcript_segments WHERE transcript_id = %(transcript_id)s AND id = ANY (%(ids)s::uuid[])
"""  # noqa: S608 - built of constants

NOTE = """
    INSERT INTO transcript_edits (id, transcript_id, segment_id, action, before, after, author)
    VALUES (%(id)s, %(transcript_id)s, %(segment_id)s, %(action)s, %(before)s, %(after)s, %(author)s)
"""

RENAME = """
    WITH former AS (
        SELECT id, position, locked FROM transcript_segments
        WHERE transcript_id = %(transcript_id)s AND speaker IS NOT DISTINCT FROM %(from)s
    ), renamed AS (
        UPDATE transcript_segments SET speaker = %(to)s, locked = true
        FROM former WHERE transcript_segments.id = former.id
    )
    INSERT INTO transcript_edits (id, transcript_id, segment_id, action, before, after, author)
    SELECT %(id)s, %(transcript_id)s, (array_agg(id ORDER BY position))[1], 'speakers',
           jsonb_agg(jsonb_build_object('id', id, 'speaker', %(from)s::text, 'locked', locked) ORDER BY position),
           jsonb_agg(jsonb_build_object('id', id, 'speaker', %(to)s::text, 'locked', true) ORDER BY position),
           %(author)s
    FROM former HAVING count(*) > 0 RETURNING jsonb_array_length(after)
"""

# What somebody called differently since keeps that name, and what somebody edited since stays locked.
RENAME_BACK = """
    WITH states AS (
        SELECT state.* FROM transcript_edits AS edit, ROWS FROM (
            jsonb_to_recordset(edit.before) AS (id uuid, speaker text, locked boolean),
            jsonb_to_recordset(edit.after) AS (speaker text)
        ) AS state (id, speaker, locked, renamed)
        WHERE edit.id = %(edit_id)s
    ), restored AS (
        UPDATE transcript_segments AS segment SET speaker = states.speaker, locked = states.locked OR EXISTS (
            SELECT FROM transcript_edits AS later
            WHERE later.transcript_id = %(transcript_id)s AND later.id > %(edit_id)s AND later.action <> 'speakers'
              AND later.after @> jsonb_build_array(jsonb_build_object('id', segment.id)))
        FROM states WHERE segment.id = states.id AND segment.speaker IS NOT DISTINCT FROM states.renamed
        RETURNING segment.id, segment.position, states.renamed, segment.speaker, segment.locked
    )
    INSERT INTO transcript_edits (id, transcript_id, segment_id, action, before, after, author)
    SELECT %(id)s, %(transcript_id)s, (array_agg(id ORDER BY position))[1], 'speakers',
           jsonb_agg(jsonb_build_object('id', id, 'speaker', renamed, 'locked', true) ORDER BY position),
           jsonb_agg(jsonb_build_object('id', id, 'speaker', speaker, 'locked', locked) ORDER BY position),
           %(author)s
    FROM restored HAVING count(*) > 0 RETURNING jsonb_array_length(after)
"""

EDIT = "SELECT action, before, after FROM transcript_edits WHERE id = %(id)s AND transcript_id = %(transcript_id)s"

HISTORY = sql.SQL("""
    WITH page AS (
        SELECT * FROM transcript_edits WHERE transcript_id = %(id)s AND (%(before)s::uuid IS NULL OR id < %(before)s)
        ORDER BY id DESC LIMIT %(limit)s + 1
    ), told AS (
        SELECT *, row_number() OVER (ORDER BY id DESC) AS place FROM page
    )
    SELECT coalesce(json_agg(json_build_object('id', id, 'segment_id', segment_id, 'action', action, 'before', before,
                                               'after', after, 'author', author, 'edited_at', edited_at) ORDER BY place)
                    FILTER (WHERE place <= %(limit)s), '[]')::text,
           CASE WHEN count(*) > %(limit)s THEN (array_agg(id) FILTER (WHERE place = %(limit)s))[1] END,
           (SELECT count(*) FROM transcript_edits WHERE transcript_id = %(id)s)
    FROM told
""")


@dataclass(frozen=True)
class Held:
    """A transcript that nobody else changes until the transaction ends; its recording lasts `duration` seconds."""

    id: UUID
    file: TranscribedFile
    duration: float


@dataclass(frozen=True)
class Found:
    """A segment as it is, with its version."""

    line: Line
    version: str


async def hold(connection: Connection, transcript_id: UUID) -> Held:
    """The transcript; raises NotFound, or Conflict if its file has another content now."""
    file_id, _, _ = await repository.standing_of(connection, transcript_id)
    file = await repository.file_of(connection, file_id, hold=True)
    cursor = await connection.execute(HOLD, {"id": transcript_id})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("transcript", transcript_id)
    if row[0] != file.revision:
        raise Conflict("The file's content has changed since this transcript was made; edit one of its present content.")
    return Held(transcript_id, file, max(file.duration or 0.0, row[1]))


async def find(connection: Connection, held: Held, *ids: UUID) -> list[Found]:
    """Those of the segments that the transcript has, in the order asked for."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(FOUND, {"transcript_id": held.id, "ids": list(ids)})
        rows = {row["id"]: row for row in await cursor.fetchall()}
    return [found_of(rows[segment_id]) for segment_id in ids if segment_id in rows]


def found_of(row: dict[str, Any]) -> Found:
    """A row of `FOUND`."""
    version = row.pop("version")
    del row["position"]
    return Found(line_of(row), version)


async def spot_of(connection: Connection, held: Held, ids: Sequence[UUID], start: float) -> int:
    """The position after which segments belong: where these stand, or by their time if none of them is there."""
    values = {"transcript_id": held.id, "ids": list(ids), "start": start}
    for statement in (BEFORE_THESE, BY_TIME):
        row = await (await connection.execute(statement, values)).fetchone()
        if row is not None and row[0] is not None:
            return int(row[0])
    return -1


async def place_of(connection: Connection, held: Held, spot: int, ids: Sequence[UUID] = ()) -> Place:
    """What stands before and after a spot, these segments apart."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BESIDE, {"transcript_id": held.id, "low": spot, "ids": list(ids)})
        beside = {row.pop("before"): line_of(row) for row in await cursor.fetchall()}
    return Place(beside.get(True), beside.get(False), held.duration)


async def put(connection: Connection, held: Held, spot: int, change: Change) -> None:
    """Let the new segments of a change stand at a spot, in place of the old ones."""
    values = {"transcript_id": held.id, "low": spot, "room": len(change.after)}
    await connection.execute(REMOVE, {**values, "ids": [line.id for line in change.before]})
    await connection.execute(SHIFT, values)
    await connection.execute(SHIFTED, values)
    await repository.save_lines(connection, held.id, spot + 1, list(change.after))


async def told(connection: Connection, held: Held, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Segments as the API tells them, with their words."""
    row = await (await connection.execute(TOLD, {"transcript_id": held.id, "ids": list(ids)})).fetchone()
    assert row is not None
    segments: list[dict[str, Any]] = row[0]
    return segments


async def note(connection: Connection, held: Held, edit_id: UUID, change: Change, author: str | None) -> None:
    """Write a change into the history."""
    values = {
        "id": edit_id,
        "transcript_id": held.id,
        "segment_id": change.segment_id,
        "action": change.action,
        "before": Jsonb([state_of(line) for line in change.before]),
        "after": Jsonb([state_of(line) for line in change.after]),
        "author": author,
    }
    await connection.execute(NOTE, values)


async def rename(
    connection: Connection, held: Held, edit_id: UUID, former: str | None, name: str | None, author: str | None
) -> int:
    """Call a speaker differently in every segment, and note it; answers with the number of segments."""
    values = {"id": edit_id, "transcript_id": held.id, "from": former, "to": name, "author": author}
    return await _count(connection, RENAME, values)


async def rename_back(connection: Connection, held: Held, edit_id: UUID, undone: UUID, author: str | None) -> int:
    """Take a renaming back where nobody renamed since, and note it; answers with the number of segments."""
    values = {"id": edit_id, "transcript_id": held.id, "edit_id": undone, "author": author}
    return await _count(connection, RENAME_BACK, values)


async def edit_of(connection: Connection, held: Held, edit_id: UUID) -> tuple[str, list[Any], list[Any]]:
    """An entry of the history: its action, and the states before and after it; raises NotFound."""
    row = await (await connection.execute(EDIT, {"id": edit_id, "transcript_id": held.id})).fetchone()
    if row is None:
        raise NotFound("edit of this transcript", edit_id)
    return row[0], row[1], row[2]


async def history(
    connection: Connection, transcript_id: UUID, *, before: UUID | None, limit: int
) -> tuple[str, UUID | None, int]:
    """Edits before the one given as JSON text, the latest first; the last one's id if there are more; how many there are."""
    await repository.standing_of(connection, transcript_id)
    values = {"id": transcript_id, "before": before, "limit": limit}
    row = await (await connection.execute(HISTORY, values)).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


async def _count(connection: Connection, statement: str, values: dict[str, Any]) -> int:
    row = await (await connection.execute(statement.encode(), values)).fetchone()
    return 0 if row is None else int(row[0])
