"""SQL of everything that a search matches, beyond the best hits: sorted pages of files, and what there is of each kind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from services.search.moments.filters import Value, condition
from services.search.moments.grouping import FoundFile
from services.search.moments.repository import ASKED, Question, texts_of, values_of
from shared.database import Connection

MOST = 20
"""Values of a facet that are told: the most frequent."""

# Files that have a text with everything that is asked for, or, where nothing is, none with what is unwanted.
MATCHED = """
    SELECT files.* FROM files WHERE {condition} AND ({has_words} {found})
"""
HAS_WORDS = "files.id IN (SELECT file_id FROM asked JOIN moments ON moments.words @@ asked.words {texts})"
HAS_NOT_WORDS = "files.id NOT IN (SELECT file_id FROM asked JOIN moments ON moments.words @@ asked.unwanted {texts})"

PAGE = """
    WITH asked AS MATERIALIZED ({asked})
    SELECT id, path, kind, captured_at, duration, missing_since IS NOT NULL AS is_missing, {key}::text AS key,
           EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name = 'thumbnail') AS has_thumbnail
    FROM ({matched}) AS files WHERE {later} ORDER BY {key} {direction}, id {direction} LIMIT {limit}
"""

FACETS = """
    WITH asked AS MATERIALIZED ({asked}), matched AS MATERIALIZED ({matched}), told AS (
        SELECT 'kind' AS field, kind AS value FROM matched
        UNION ALL SELECT 'camera', camera FROM matched
        UNION ALL SELECT 'year', to_char(captured_at AT TIME ZONE 'UTC', 'YYYY') FROM matched
        UNION ALL SELECT DISTINCT ON (matched.id, language) 'language', language
                  FROM matched JOIN transcripts ON file_id = matched.id AND transcripts.revision = matched.revision
        UNION ALL SELECT 'tag', tags.name FROM matched JOIN file_tags ON file_id = matched.id JOIN tags ON tags.id = tag_id
        UNION ALL SELECT field, min(value) OVER (PARTITION BY field, normalized)
                  FROM matched JOIN file_facts ON file_id = matched.id WHERE field <> 'has'
    ), counted AS (
        SELECT field, value, count(*) AS files, row_number() OVER (PARTITION BY field ORDER BY count(*) DESC, value) AS place
        FROM told WHERE value <> '' GROUP BY field, value
    )
    SELECT 'files', NULL, count(*) FROM matched
    UNION ALL (SELECT field, value, files FROM counted WHERE place <= {most} ORDER BY field, place)
"""


class Sort(StrEnum):
    """What answers are sorted by: how well they answer, the latest, the path, the longest."""

    RELEVANCE = "relevance"
    CAPTURED = "captured"
    PATH = "path"
    DURATION = "duration"


# What is not known comes last.
KEYS: Mapping[Sort, tuple[str, str, str]] = {
    Sort.CAPTURED: ("coalesce(captured_at, '-infinity')", "timestamptz", "DESC"),
    Sort.PATH: ('path COLLATE "C"', "text", "ASC"),
    Sort.DURATION: ("coalesce(duration, -1)", "float8", "DESC"),
}


@dataclass(frozen=True)
class Row(FoundFile):
    """A file, with what it is sorted by as Postgres writes it."""

    key: str


async def page(
    connection: Connection, question: Question, sort: Sort, after: tuple[str, UUID] | None, limit: int
) -> Sequence[Row]:
    """The files that match, from the key and id of the last one of the page before."""
    key, kind, direction = KEYS[sort]
    later: sql.Composable = sql.SQL("true")
    if after:
        later = sql.SQL(f"({key}, id) {'<' if direction == 'DESC' else '>'} ({{}}::{kind}, {{}})").format(*map(Value, after))
    statement = sql.SQL(PAGE).format(
        asked=sql.SQL(ASKED),
        matched=_matched(question),
        key=sql.SQL(key),
        direction=sql.SQL(direction),
        later=later,
        limit=Value(limit),
    )
    async with connection.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(statement, values_of(question.asked))
        return await cursor.fetchall()


async def facets(connection: Connection, question: Question, found: Sequence[UUID]) -> dict[str, Any]:
    """How many files match, and how many of them are of each kind, camera, family, ...; those `found` otherwise count too."""
    statement = sql.SQL(FACETS).format(asked=sql.SQL(ASKED), matched=_matched(question, found), most=Value(MOST))
    cursor = await connection.execute(statement, values_of(question.asked))
    values: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    total = 0
    for name, value, files in await cursor.fetchall():
        if value is None:
            total = files
        else:
            values[name].append({"value": value, "files": files})
    return {"files": total, "values": values}


def _matched(question: Question, found: Sequence[UUID] = ()) -> sql.Composed:
    asked = question.asked
    has_words: sql.Composable = sql.SQL("true")
    if asked.meant:
        has_words = sql.SQL(HAS_WORDS).format(texts=texts_of(asked))
    elif asked.terms:
        has_words = sql.SQL(HAS_NOT_WORDS).format(texts=texts_of(asked))
    others = sql.SQL("OR files.id = ANY ({})").format(Value(list(found))) if found else sql.SQL("")
    return sql.SQL(MATCHED).format(condition=condition(question.wanted), has_words=has_words, found=others)
