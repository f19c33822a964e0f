"""SQL of the library's lists: Postgres writes the JSON, so that a page of 500 files is one string and no objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row, dict_row

from services.search.jobs.progress import StageCounts
from shared import selection
from shared.contracts import Stage
from shared.database import Connection
from shared.errors import NotFound
from shared.selection import Filter
from shared.transcripts import BEST_OF_FILE

# Stages in the order in which a file meets them.
ORDER = sql.SQL("array_position(ARRAY[{}], stage)").format(sql.SQL(", ").join(map(sql.Literal, map(str, Stage))))

FILE = sql.SQL("""
    json_build_object(
        'id', files.id, 'path', files.path, 'kind', files.kind, 'revision', files.revision, 'size', files.size,
        'duration', files.duration, 'width', files.width, 'height', files.height, 'captured_at', files.captured_at,
        'camera', files.camera, 'latitude', files.latitude, 'longitude', files.longitude,
        'created_at', files.created_at, 'updated_at', files.updated_at, 'missing_since', files.missing_since,
        'status', stages.status, 'stages', stages.states, 'reasons', stages.reasons, 'error', stages.error,
        'thumbnail', (SELECT '/api/files/' || file_id || '/renditions/thumbnail'
                      FROM renditions WHERE file_id = files.id AND name = 'thumbnail')
    )
""")

STATES = sql.SQL("json_object_agg(stage, state ORDER BY {})").format(ORDER)

REASONS = sql.SQL("""
    coalesce(json_object_agg(stage, reason ORDER BY {}) FILTER (WHERE reason IS NOT NULL), json_build_object())
""").format(ORDER)

STAGES = sql.SQL("""
    CROSS JOIN LATERAL (
        SELECT {states} AS states, {reasons} AS reasons,
               (array_agg(reason ORDER BY {order}) FILTER (WHERE state = 'failed'))[1] AS error,
               CASE WHEN bool_or(state = 'pending') THEN 'pending' WHEN bool_or(state = 'failed') THEN 'failed' ELSE 'done' END
                   AS status
        FROM file_stages WHERE file_id = files.id
    ) AS stages
""").format(states=STATES, reasons=REASONS, order=ORDER)

# How many files are wanted is written out: else Postgres would plan anew each time, as a plan for any number reads a tenth.
PAGE = """
    WITH page AS (SELECT * FROM files WHERE {conditions} ORDER BY id DESC LIMIT {limit} + 1),
    told AS (
        SELECT files.id, row_number() OVER (ORDER BY files.id DESC) AS place, {file} AS file FROM page AS files {stages}
    )
    SELECT coalesce(json_agg(file ORDER BY place) FILTER (WHERE place <= {limit}), '[]')::text AS files,
           (array_agg(id) FILTER (WHERE place = {limit}))[1] AS last, count(*) > {limit} AS more
    FROM told
"""

EVERYTHING = Filter()

COUNT = "SELECT count(*) FROM files WHERE {conditions}"

DETAIL = sql.SQL("""
    SELECT {file} AS file, files.metadata,
           (SELECT json_agg(json_build_object('name', name, 'key', key, 'content_type', content_type, 'bytes', bytes,
                                              'width', width, 'height', height, 'duration', duration) ORDER BY name)
            FROM renditions WHERE file_id = files.id) AS renditions,
           (SELECT json_build_object('id', id, 'model', model, 'source', source, 'language', language, 'duration', duration,
                                     'segments', (
                SELECT coalesce(json_agg(segment ORDER BY position), '[]') FROM (
                    SELECT position, json_build_object('id', id, 'start', start_s, 'end', end_s, 'text', text,
                                                       'speaker', speaker) AS segment
                    FROM transcript_segments WHERE transcript_id = transcripts.id
                ) AS segments))
            FROM transcripts WHERE id = ({best})) AS transcript,
           (SELECT json_build_object('id', id, 'model', model, 'version', version, 'created_at', created_at, 'result', result)
            FROM analyses WHERE file_id = files.id AND revision = files.revision
            ORDER BY created_at DESC LIMIT 1) AS analysis,
           (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name) ORDER BY key), '[]')
            FROM tags JOIN file_tags ON tag_id = tags.id WHERE file_id = files.id) AS tags,
           (SELECT coalesce(json_agg(json_build_object('id', id, 'name', name) ORDER BY key), '[]')
            FROM collections JOIN collection_files ON collection_id = collections.id WHERE file_id = files.id) AS collections
    FROM files {stages} WHERE files.id = %(id)s
""").format(file=FILE, stages=STAGES, best=sql.SQL(BEST_OF_FILE))

RENDITION = "SELECT key FROM renditions WHERE file_id = %(id)s AND name = %(name)s"

PICTURES = """
    SELECT kind, thumbnail.key AS thumbnail, sprite.key AS sprite, cues.key AS cues, sprite.created_at AS made_at
    FROM files LEFT JOIN renditions AS thumbnail ON thumbnail.file_id = files.id AND thumbnail.name = 'thumbnail'
               LEFT JOIN renditions AS sprite ON sprite.file_id = files.id AND sprite.name = 'sprite'
               LEFT JOIN renditions AS cues ON cues.file_id = files.id AND cues.name = 'sprite_vtt'
    WHERE files.id = %(id)s
"""

# A file that was rejected has no row in the library: its item says why, and the other stages are skipped with it.
# A batch is about one stage, and about those after it in so far as they run again for it.
ITEMS = sql.SQL("""
    SELECT items.path_raw, items.path, items.file_id, items.kind, stage,
           CASE WHEN stage = own THEN items.state WHEN file_stages.state IS NOT NULL THEN file_stages.state
                WHEN items.state = 'pending' THEN 'pending' ELSE 'skipped' END AS state,
           CASE WHEN stage = own THEN items.reason ELSE file_stages.reason END AS reason,
           CASE WHEN stage = own THEN items.settled_at ELSE file_stages.settled_at END AS settled_at
    FROM (
        SELECT job_items.*, kind_of_job = ANY(%(stages)s::text[]) AS is_batch,
               CASE WHEN kind_of_job = ANY(%(stages)s::text[]) THEN kind_of_job ELSE 'ingest' END AS own
        FROM job_items JOIN (SELECT id, kind AS kind_of_job FROM jobs) AS job ON job.id = job_items.job_id
        WHERE job_items.job_id = %(id)s
    ) AS items CROSS JOIN unnest(%(stages)s::text[]) AS stage
    LEFT JOIN file_stages USING (file_id, stage)
    WHERE NOT is_batch OR stage = own OR file_stages.run_id = items.job_id
""")

JOB_FILES = sql.SQL("""
    SELECT coalesce(json_agg(file ORDER BY path_raw), '[]')::text FROM (
        SELECT path_raw, json_build_object(
            'path', min(path), 'kind', min(kind), 'file_id', file_id, 'stages', {states},
            'error', (array_agg(reason ORDER BY {order}) FILTER (WHERE state = 'failed'
                      OR (stage = 'ingest' AND state = 'skipped')))[1],
            'reasons', {reasons}
        ) AS file FROM ({items}) AS items GROUP BY path_raw, file_id
    ) AS files
""").format(items=ITEMS, states=STATES, reasons=REASONS, order=ORDER)

JOB_STAGES = sql.SQL("""
    SELECT stage, count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'done') AS done,
           count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'failed') AS failed,
           count(*) FILTER (WHERE settled_at > now() - make_interval(secs => %(window)s)) AS recent
    FROM ({items}) AS items GROUP BY stage
""").format(items=ITEMS)

# What happens to a file for a batch carries the batch's id; what happens besides is no concern of it.
JOBS_OF_FILES = """
    SELECT file_id::text, array_agg(job_id::text) FROM job_items JOIN jobs ON jobs.id = job_id AND jobs.kind <> ALL(%(stages)s)
    WHERE file_id = ANY (%(files)s) GROUP BY file_id
"""


@dataclass(frozen=True)
class Page:
    """Files as JSON text, the id of the last, and whether there are more."""

    files: str
    last: UUID | None
    more: bool


@dataclass(frozen=True)
class Pictures:
    """Where the pictures of a file are in the object store, as far as there are any; and when its sprite was made."""

    kind: str
    thumbnail: str | None
    sprite: str | None
    cues: str | None
    made_at: datetime | None


async def list_files(connection: Connection, wanted: Filter, *, before: UUID | None, limit: int) -> Page:
    """Files that came into the library before the one given, the latest first."""
    statement, values = page_statement(wanted, limit, is_first=before is None)
    async with connection.cursor(row_factory=class_row(Page)) as cursor:
        # A plan for any filter would be wrong for many: what is filtered is planned each time.
        await cursor.execute(statement, {**values, "before": before}, prepare=None if wanted == EVERYTHING else False)
        page = await cursor.fetchone()
    assert page is not None
    return page


@lru_cache(maxsize=256)
def page_statement(wanted: Filter, limit: int, *, is_first: bool) -> tuple[bytes, Mapping[str, Any]]:
    """The statement of a page, and its values but `before`; kept, as it takes an eighth of the answer's time to write."""
    conditions, values = selection.conditions(wanted)
    if not is_first:
        conditions = sql.SQL("{} AND files.id < %(before)s").format(conditions)
    statement = sql.SQL(PAGE).format(conditions=conditions, file=FILE, stages=STAGES, limit=sql.Literal(limit))
    return statement.as_bytes(None), values


async def count_files(connection: Connection, wanted: Filter) -> int:
    """How many files there are."""
    conditions, values = selection.conditions(wanted)
    cursor = await connection.execute(sql.SQL(COUNT).format(conditions=conditions), values)
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def find_file(connection: Connection, file_id: UUID) -> dict[str, Any]:
    """Everything about a file, as `file`, `metadata`, `renditions`, `transcript`, `analysis`, `tags`, `collections`.

    Raises NotFound.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(DETAIL, {"id": file_id})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("file", file_id)
    return row


async def rendition_key(connection: Connection, file_id: UUID, name: str) -> str:
    """Where a rendition is in the object store; raises NotFound."""
    cursor = await connection.execute(RENDITION, {"id": file_id, "name": name})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"rendition {name!r} of a file", file_id)
    return str(row[0])


async def pictures_of(connection: Connection, file_id: UUID) -> Pictures:
    """Where the pictures of a file are; raises NotFound."""
    async with connection.cursor(row_factory=class_row(Pictures)) as cursor:
        await cursor.execute(PICTURES, {"id": file_id})
        found = await cursor.fetchone()
    if found is None:
        raise NotFound("file", file_id)
    return found


async def job_files(connection: Connection, job_id: UUID) -> str:
    """What became of each item of a job, as JSON text."""
    cursor = await connection.execute(JOB_FILES, {"id": job_id, "stages": list(Stage)})
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def jobs_of_files(connection: Connection, files: Sequence[UUID]) -> dict[str, frozenset[str]]:
    """The jobs that each of the files is among, batches left out, since their facts name them."""
    cursor = await connection.execute(JOBS_OF_FILES, {"files": list(files), "stages": list(Stage)})
    return {row[0]: frozenset(row[1]) for row in await cursor.fetchall()}


async def job_stages(connection: Connection, job_id: UUID, *, window: float) -> list[StageCounts]:
    """Files of a job by stage and state, and how many were settled in the last `window` seconds; none for an empty job."""
    async with connection.cursor(row_factory=class_row(StageCounts)) as cursor:
        await cursor.execute(JOB_STAGES, {"id": job_id, "stages": list(Stage), "window": window})
        return await cursor.fetchall()
