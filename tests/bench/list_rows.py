"""A library of files that were processed, for lists: rows as the services leave them."""

from uuid import UUID

from psycopg import Connection

from services.search.http.cursors import Cursor, write

FILES = """
    INSERT INTO files (id, path, path_raw, kind, size, modified_ns, fingerprint, duration, width, height, captured_at, camera)
    SELECT lpad(to_hex(n), 32, '0')::uuid, '/shoot/day ' || n / 500 || '/clip ' || n || '.mp4', ('/shoot/' || n)::bytea,
           'video', 1000000 + n, n, decode(lpad(to_hex(n), 64, '0'), 'hex'), 10 + n %% 50, 1920, 1080,
           now() - make_interval(mins => n), 'FX6'
    FROM generate_series(1, %(files)s) AS n
"""
STAGES = """
    INSERT INTO file_stages (file_id, stage, revision, state, settled_at)
    SELECT id, stage, 1, 'done', now() FROM files
    CROSS JOIN unnest(ARRAY['ingest', 'proxy', 'transcribe', 'analyse', 'embed']) AS stage
"""
RENDITIONS = """
    INSERT INTO renditions (file_id, revision, name, key, content_type, bytes)
    SELECT id, 1, 'thumbnail', 'renditions/' || id || '.webp', 'image/webp', 4000 FROM files
"""


def fill(connection: Connection, files: int) -> None:
    """So many files with five stages and a thumbnail each; ids count from 1."""
    connection.execute(FILES, {"files": files})
    process(connection)


def process(connection: Connection) -> None:
    """Have every file that is there gone through all stages."""
    connection.execute(STAGES)
    connection.execute(RENDITIONS)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")


def cursor_of(page: int, limit: int, files: int) -> str:
    """The cursor with which a page is asked for, from 2."""
    return write(Cursor(UUID(int=files - (page - 1) * limit + 1), files))
