"""SQL of prices: files that are alike, counted together, so that a million of them are a few thousand questions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.analyses import AnalysisOptions
from shared.answered import answered
from shared.contracts import Kind
from shared.database import Connection
from shared.transcripts import BEST_OF_FILE

ALIKE_IN_LENGTH = 1.02
ALIKE_IN_WORDS = 1.05
"""Files that differ by less than this factor are counted as if each was like their mean."""
SAMPLE = 5000
"""Files whose words are counted; of more, the words of so many are taken to stand for all, by the second."""
SHORTER_SIDE = 896
"""Pixels that the shorter side of an image has at most when a model sees it: that of its rendition."""

NUMBER = "SELECT count(*) FROM files WHERE {selected}"

# Words are counted for every n-th file only, chosen by its id, which has nothing to do with what is in it.
MEANT = """
    SELECT files.id, files.path, files.kind, files.duration, {answered} AS answered,
           files.width * shrunk.by AS width, files.height * shrunk.by AS height,
           CASE WHEN files.kind <> 'image' AND abs(hashtext(files.id::text)::bigint) %% %(every)s = 0
                THEN coalesce((SELECT sum(length(text)) FROM transcript_segments WHERE transcript_id = ({best})), 0) END
               AS characters
    FROM files CROSS JOIN LATERAL (
        SELECT CASE WHEN files.kind = 'image'
                    THEN least(1.0, %(side)s / nullif(least(files.width, files.height), 0)::float8) END AS by) AS shrunk
    WHERE {selected}
"""

# Materialised: else the words of a file would be counted for each column that they appear in.
GROUPS = """
    WITH meant AS MATERIALIZED ({meant})
    SELECT kind, answered, count(*) AS files, avg(duration) AS duration, avg(width)::float8 AS width,
           avg(height)::float8 AS height, avg(characters)::float8 AS characters, count(characters) AS counted
    FROM meant
    GROUP BY kind, answered, round(ln(greatest(duration, 1)) / ln(%(length)s)), round(width / 64), round(height / 64),
             CASE WHEN %(every)s = 1 THEN round(ln(greatest(characters, 1)) / ln(%(words)s)) END
"""

EACH = """
    SELECT id, path, kind, answered, 1 AS files, duration, width::float8, height::float8, characters::float8,
           (characters IS NOT NULL)::int AS counted
    FROM ({meant}) AS meant ORDER BY path, id
"""


@dataclass(frozen=True)
class Group:
    """Files that are alike: lengths in seconds, sizes in pixels, words as characters, each the mean; None where nobody knows.

    `counted` is the number of those whose words were counted, `answered` whether a model has said what is asked already.
    """

    kind: str
    answered: bool
    files: int
    duration: float | None
    width: float | None
    height: float | None
    characters: float | None
    counted: int
    id: UUID | None = None
    path: str | None = None


async def number_of(connection: Connection, selected: sql.Composable, values: dict[str, Any]) -> int:
    """How many files a condition means."""
    cursor = await connection.execute(sql.SQL(NUMBER).format(selected=selected), values)
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def alike(
    connection: Connection, selected: sql.Composable, values: dict[str, Any], options: AnalysisOptions, number: int
) -> list[Group]:
    """The files that a condition means, in groups; `number` is how many they are."""
    return await _groups(connection, GROUPS, selected, values, options, max(1, number // SAMPLE))


async def each(
    connection: Connection, selected: sql.Composable, values: dict[str, Any], options: AnalysisOptions
) -> list[Group]:
    """The files that a condition means, one by one, in the order of their paths."""
    return await _groups(connection, EACH, selected, values, options, 1)


async def _groups(
    connection: Connection, asked: str, selected: sql.Composable, values: dict[str, Any], options: AnalysisOptions, every: int
) -> list[Group]:
    meant = sql.SQL(MEANT).format(answered=answered(options), best=sql.SQL(BEST_OF_FILE), selected=selected)
    own = {"every": every, "side": SHORTER_SIDE, "length": ALIKE_IN_LENGTH, "words": ALIKE_IN_WORDS}
    async with connection.cursor(row_factory=class_row(Group)) as cursor:
        await cursor.execute(sql.SQL(asked).format(meant=meant), {**values, **own})
        return await cursor.fetchall()


async def kinds(connection: Connection, selected: sql.Composable, values: dict[str, Any]) -> list[Kind]:
    """The kinds of the files that a condition means."""
    cursor = await connection.execute(sql.SQL("SELECT DISTINCT kind FROM files WHERE {}").format(selected), values)
    found = {row[0] for row in await cursor.fetchall()}
    return [kind for kind in Kind if kind in found]
