"""What became of accepted files, in a form that two runs can be compared in: ids, times and order left out."""

from collections import Counter
from dataclasses import dataclass

import psycopg

from shared.contracts import Stage

FILES = """
    SELECT files.id, files.path, file_stages.stage, file_stages.state, file_stages.reason
    FROM files JOIN file_stages ON file_stages.file_id = files.id
"""

REJECTED = "SELECT path, state, reason FROM job_items WHERE job_id = %(job)s AND file_id IS NULL"

EFFECTS = """
    SELECT files.id,
           (SELECT count(*) FROM transcripts WHERE file_id = files.id),
           (SELECT count(*) FROM analyses WHERE file_id = files.id),
           (SELECT array_agg(name ORDER BY name) FROM renditions WHERE file_id = files.id),
           (SELECT array_agg((field, start_s, end_s, text)::text ORDER BY field, start_s, text) FROM moments
            WHERE file_id = files.id),
           (SELECT count(*) FROM embeddings JOIN moments ON moments.id = moment_id WHERE file_id = files.id)
    FROM files
"""


@dataclass(frozen=True)
class Outcome:
    """One file's final results."""

    stages: tuple[tuple[str, str], ...]
    transcripts: int
    analyses: int
    renditions: tuple[str, ...]
    moments: tuple[str, ...]
    embeddings: int


def outcomes(connection: psycopg.Connection, job_id: str) -> dict[str, Outcome | tuple[str, str | None]]:
    """Per path: its outcome, or for what is no file of the library the state and reason of its item."""
    stages: dict[str, dict[str, str]] = {}
    paths: dict[str, str] = {}
    for file_id, path, stage, state, _ in connection.execute(FILES).fetchall():
        paths[str(file_id)] = path
        stages.setdefault(path, {})[stage] = state
    found: dict[str, Outcome | tuple[str, str | None]] = {}
    for file_id, transcripts, analyses, renditions, moments, embeddings in connection.execute(EFFECTS).fetchall():
        path = paths[str(file_id)]
        settled = tuple((str(stage), stages[path].get(stage, "missing")) for stage in Stage)
        found[path] = Outcome(settled, transcripts, analyses, tuple(renditions or ()), tuple(moments or ()), embeddings)
    for path, state, reason in connection.execute(REJECTED, {"job": job_id}).fetchall():
        found[path] = (state, reason)
    return found


def loose_ends(connection: psycopg.Connection) -> list[str]:
    """What a healthy platform has none of once everything is settled."""
    questions = {
        "stages pending": "SELECT count(*) FROM file_stages WHERE state = 'pending'",
        "items pending": "SELECT count(*) FROM job_items WHERE state = 'pending'",
        "jobs unfinished": "SELECT count(*) FROM jobs WHERE finished_at IS NULL",
        "moments without embedding": "SELECT count(*) FROM moments WHERE id NOT IN (SELECT moment_id FROM embeddings)",
        "paths twice in the library": "SELECT count(*) - count(DISTINCT path_raw) FROM files",
    }
    counts = {name: one(connection, question) for name, question in questions.items()}
    return [f"{count} {name}" for name, count in counts.items() if count]


COUNTING = """
    CREATE SEQUENCE moments_written;
    CREATE FUNCTION count_moment() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM nextval('moments_written'); RETURN NULL; END $$;
    CREATE TRIGGER count_moment AFTER INSERT ON moments FOR EACH ROW EXECUTE FUNCTION count_moment();
"""


def count_moments(connection: psycopg.Connection) -> None:
    """Have moments counted as they are written, also in transactions that are undone."""
    connection.execute(COUNTING.encode())


def moments_written(connection: psycopg.Connection) -> int:
    """How many moments were written since they are counted; a file's are written anew when it is embedded again."""
    return one(connection, "SELECT last_value FROM pg_sequences WHERE sequencename = 'moments_written'")


def dead_letters(connection: psycopg.Connection) -> Counter[tuple[str, str]]:
    """Dead letters by consumer and type of error."""
    return Counter(connection.execute("SELECT consumer, error_type FROM dead_letters").fetchall())


def one(connection: psycopg.Connection, question: str) -> int:
    """The one number that a query answers with."""
    row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return int(row[0])
