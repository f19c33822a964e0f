"""SQL of what findings mean: which files have their contents elsewhere, and what everything else is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from services.ingest.reasons import COPY
from services.ingest.scans.matching import Match
from services.ingest.scans.packing import BYTES, packed
from shared.database import Connection

CONTENTS = 500
"""Contents decided at a time."""
LOST = 2000
"""Files that the walk did not meet, looked for at a time."""

KNOWN_CONTENTS = """
    SELECT DISTINCT findings.fingerprint FROM findings JOIN files ON files.fingerprint = findings.fingerprint
    WHERE job_id = %(job_id)s AND findings.fingerprint > %(after)s ORDER BY 1 LIMIT %(limit)s
"""

# Files that have been found again by this job are not looked for twice. An upload lies in the object store and stays there.
FILES_WITH = f"""
    WITH asked AS ({BYTES})
    SELECT files.id, files.path_raw, files.fingerprint, files.missing_since IS NOT NULL AS is_missing,
           coalesce(here.fingerprint = files.fingerprint, files.object_key IS NOT NULL) AS holds,
           coalesce(here.fingerprint <> files.fingerprint, false) AS is_replaced,
           coalesce(items.change = 'unreadable', false) AS is_unreadable
    FROM asked JOIN files ON files.fingerprint = asked.value
    LEFT JOIN findings AS here ON here.job_id = %(job_id)s AND here.path_raw = files.path_raw
    LEFT JOIN job_items AS items ON items.job_id = %(job_id)s AND items.path_raw = files.path_raw
    WHERE NOT EXISTS (SELECT FROM job_items AS found WHERE found.job_id = %(job_id)s AND found.file_id = files.id
                      AND found.change IN ('moved', 'renamed', 'returned'))
"""  # noqa: S608 - built of constants

PLACES_OF = f"""
    WITH asked AS ({BYTES})
    SELECT findings.fingerprint, findings.path_raw
    FROM asked JOIN findings ON findings.job_id = %(job_id)s AND findings.fingerprint = asked.value
    JOIN job_items AS items ON items.job_id = findings.job_id AND items.path_raw = findings.path_raw
    WHERE items.state = 'pending' AND items.change IS NULL ORDER BY findings.path_raw
"""  # noqa: S608 - built of constants

LOST_FILES = """
    SELECT items.path_raw, items.file_id, coalesce(
        (SELECT jsonb_agg(jsonb_build_array(encode(copies.path_raw, 'hex'), copies.size, copies.modified_ns)
                          ORDER BY copies.path_raw)
         FROM file_copies AS copies WHERE copies.file_id = items.file_id), '[]') AS copies
    FROM job_items AS items
    WHERE items.job_id = %(job_id)s AND items.state = 'pending' AND items.change = 'missing' AND items.path_raw > %(after)s
    ORDER BY items.path_raw LIMIT %(limit)s
"""

NOTE_COPIES = f"""
    INSERT INTO job_items (job_id, path_raw, path, size)
    SELECT %(job_id)s, path_raw, path, size FROM file_copies WHERE path_raw IN ({BYTES})
    ON CONFLICT (job_id, path_raw) DO UPDATE SET state = 'pending', reason = NULL, settled_at = NULL
"""  # noqa: S608 - built of constants

KEEP_COPIES = f"""
    INSERT INTO findings (job_id, path_raw, size, modified_ns, fingerprint, description)
    SELECT %(job_id)s, copies.path_raw, copies.size, copies.modified_ns, files.fingerprint,
           jsonb_build_object('kind', files.kind, 'captured_at', NULL)
    FROM file_copies AS copies JOIN files ON files.id = copies.file_id WHERE copies.path_raw IN ({BYTES})
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - built of constants

NOTE_MATCHES = """
    UPDATE job_items SET change = found.change, file_id = files.id, kind = files.kind, from_path = files.path
    FROM jsonb_to_recordset(%(rows)s) AS found (place text, id uuid, change text) JOIN files ON files.id = found.id
    WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = decode(found.place, 'hex')
"""

DROP = "DELETE FROM job_items WHERE job_id = %(job_id)s AND change = 'missing' AND file_id = ANY(%(ids)s)"

# Their items stand beside those of the files that have taken their places.
NOTE_DISPLACED = """
    INSERT INTO job_items (job_id, path_raw, path, file_id, kind, size, change)
    SELECT items.job_id, files.path_raw || '\\x00'::bytea, files.path, files.id, files.kind, files.size, 'missing'
    FROM job_items AS items JOIN files ON files.path_raw = items.path_raw AND files.missing_since IS NULL
    WHERE items.job_id = %(job_id)s AND items.change IN ('moved', 'renamed', 'returned') AND items.file_id <> files.id
      AND NOT EXISTS (SELECT FROM job_items AS own WHERE own.job_id = %(job_id)s AND own.file_id = files.id)
    ON CONFLICT DO NOTHING
"""

# Nobody has analysed what was written just now, and without statistics any index on a job looks as good as one on a file.
ANALYSE = "ANALYZE job_items (job_id, file_id, state, change); ANALYZE findings (job_id, fingerprint)"

# `owner`: the file that is noted at the path and has not been found elsewhere; one that is missing counts if no other is.
# `original`: a file that has the content already; where there is none, the first path of the content becomes one.
JUDGE_REST = """
    WITH undecided AS (
        SELECT findings.path_raw, items.path, findings.fingerprint, owner.id AS owner_id,
               owner.fingerprint = findings.fingerprint AS is_same, owner.is_missing AS is_owner_missing,
               original.id AS original_id, original.path AS original_path, findings.description->>'kind' AS kind
        FROM job_items AS items JOIN findings USING (job_id, path_raw)
        LEFT JOIN LATERAL (
            SELECT files.id, files.fingerprint, files.missing_since IS NOT NULL AS is_missing FROM files
            WHERE files.path_raw = findings.path_raw AND NOT EXISTS (
                SELECT FROM job_items AS found WHERE found.job_id = %(job_id)s AND found.file_id = files.id
                    AND found.change IN ('moved', 'renamed', 'returned'))
            ORDER BY files.missing_since DESC NULLS FIRST LIMIT 1
        ) AS owner ON true
        LEFT JOIN LATERAL (
            SELECT files.id, coalesce(found.path, files.path) AS path
            FROM files LEFT JOIN job_items AS found ON found.job_id = %(job_id)s AND found.file_id = files.id
                AND found.change IN ('moved', 'renamed', 'returned')
            WHERE files.fingerprint = findings.fingerprint
            ORDER BY files.missing_since IS NOT NULL, files.path_raw LIMIT 1
        ) AS original ON true
        WHERE items.job_id = %(job_id)s AND items.state = 'pending' AND items.change IS NULL
    ), ranked AS (
        SELECT *, row_number() OVER content AS place, first_value(path) OVER content AS first_path FROM undecided
        WINDOW content AS (PARTITION BY fingerprint ORDER BY owner_id IS NULL, path_raw)
    ), judged AS MATERIALIZED (
        SELECT *, CASE WHEN is_same THEN 'unchanged'
                       WHEN owner_id IS NOT NULL AND (original_id IS NULL OR NOT is_owner_missing) THEN 'changed'
                       WHEN original_id IS NULL AND place = 1 THEN 'new' ELSE 'duplicate' END AS change
        FROM ranked
    )
    UPDATE job_items SET
        change = judged.change,
        file_id = CASE judged.change WHEN 'new' THEN NULL WHEN 'duplicate' THEN original_id ELSE owner_id END,
        kind = coalesce(job_items.kind, judged.kind),
        from_path = CASE judged.change WHEN 'duplicate' THEN coalesce(original_path, first_path) END,
        state = CASE judged.change WHEN 'duplicate' THEN 'skipped' ELSE 'pending' END,
        reason = CASE judged.change WHEN 'duplicate' THEN format(%(copy)s, coalesce(original_path, first_path)) END,
        settled_at = CASE judged.change WHEN 'duplicate' THEN now() END
    FROM judged WHERE job_items.job_id = %(job_id)s AND job_items.path_raw = judged.path_raw
"""


@dataclass(frozen=True)
class Held:
    """A file whose content was found somewhere.

    It `holds` its path if the content was found there too, and is replaced there if other content was.
    """

    id: UUID
    path_raw: bytes
    fingerprint: bytes
    is_missing: bool
    holds: bool
    is_replaced: bool
    is_unreadable: bool

    @property
    def is_known(self) -> bool:
        """Whether the job says what lies at its path, so that nobody need look."""
        return self.holds or self.is_replaced or self.is_unreadable


@dataclass(frozen=True)
class Copy:
    """Another place of a file's content."""

    path_raw: bytes
    size: int
    modified_ns: int


@dataclass(frozen=True)
class Lost:
    """A file that the walk did not meet, with its copies."""

    path_raw: bytes
    file_id: UUID
    copies: tuple[Copy, ...]


async def analyse(connection: Connection) -> None:
    """Let Postgres know what the tables are like; not in a transaction."""
    await connection.execute(ANALYSE)


async def known_contents(connection: Connection, job_id: UUID, after: bytes) -> list[bytes]:
    """The next contents found that the library has, in order."""
    cursor = await connection.execute(KNOWN_CONTENTS, {"job_id": job_id, "after": after, "limit": CONTENTS})
    return [row[0] for row in await cursor.fetchall()]


async def files_with(connection: Connection, job_id: UUID, contents: Sequence[bytes]) -> list[Held]:
    """The files of the library with these contents."""
    async with connection.cursor(row_factory=class_row(Held)) as cursor:
        await cursor.execute(FILES_WITH.encode(), {"job_id": job_id, "values": packed(contents)})
        return await cursor.fetchall()


async def places_of(connection: Connection, job_id: UUID, contents: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """The paths at which these contents were found and that have no verdict yet."""
    cursor = await connection.execute(PLACES_OF.encode(), {"job_id": job_id, "values": packed(contents)})
    places: dict[bytes, list[bytes]] = {}
    for content, path_raw in await cursor.fetchall():
        places.setdefault(content, []).append(path_raw)
    return places


async def lost_files(connection: Connection, job_id: UUID, after: bytes) -> list[Lost]:
    """The next files that the walk did not meet whose paths sort after `after`."""
    cursor = await connection.execute(LOST_FILES, {"job_id": job_id, "after": after, "limit": LOST})
    rows = await cursor.fetchall()
    return [
        Lost(path_raw, file_id, tuple(Copy(bytes.fromhex(at), size, modified_ns) for at, size, modified_ns in copies))
        for path_raw, file_id, copies in rows
    ]


async def note_copies(connection: Connection, job_id: UUID, places: Sequence[bytes]) -> None:
    """Have items and findings for copies that are to stand in for their originals."""
    if places:
        values = {"job_id": job_id, "values": packed(places)}
        await connection.execute(NOTE_COPIES.encode(), values)
        await connection.execute(KEEP_COPIES.encode(), values)


async def note_matches(connection: Connection, job_id: UUID, matches: Sequence[Match]) -> None:
    """Note which files the contents at these places are; they are not missing."""
    if matches:
        rows = [{"place": found.place.hex(), "id": str(found.file.id), "change": found.change} for found in matches]
        await connection.execute(NOTE_MATCHES, {"job_id": job_id, "rows": Jsonb(rows)})
        await drop_items(connection, job_id, [found.file.id for found in matches])


async def drop_items(connection: Connection, job_id: UUID, files: Sequence[UUID]) -> None:
    """Miss these files no longer."""
    await connection.execute(DROP, {"job_id": job_id, "ids": list(files)})


async def note_displaced(connection: Connection, job_id: UUID) -> None:
    """Miss files whose places were taken by others and whose contents were found nowhere."""
    await connection.execute(NOTE_DISPLACED, {"job_id": job_id})


async def judge_rest(connection: Connection, job_id: UUID) -> None:
    """What every path is that has no verdict yet."""
    await connection.execute("SELECT set_config('jit', 'off', true)")
    await connection.execute(JUDGE_REST, {"job_id": job_id, "copy": COPY})
