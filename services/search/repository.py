"""SQL of search: every kind of search in one statement, and one round trip."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from psycopg import sql
from psycopg.rows import class_row

from services.search.ranking import Hit
from services.search.snippets import CLOSE, OPEN
from shared import embedders
from shared.contracts import Kind
from shared.database import Connection
from shared.embedders import InUse

PLACES = 50
"""Hits of each kind of search that are fused: enough that a place further down no longer changes an answer."""
NAMES = 20
"""Files whose names merely look alike."""
NAME_LENGTH = 100
"""Characters of a query that are compared with names."""
ALIKE = 0.5
"""Share of a query's trigrams that a name must have (pg_trgm's word similarity): one slip in a word of seven letters passes."""
BREADTH = 100
"""Candidates that the vector index keeps while it looks (hnsw.ef_search): twice the hits asked for."""
MARKING = f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}"

# Compiling (jit) takes longer than any search, and the iterative scan goes on past the index's first answers where a filter
# drops most of them.
SESSION = """
    SELECT set_config('hnsw.ef_search', %(breadth)s, false), set_config('hnsw.iterative_scan', 'relaxed_order', false),
           set_config('pg_trgm.word_similarity_threshold', %(alike)s, false), set_config('jit', 'off', false)
"""

# `words`: every word of the query, as written or in its English base form. `loose`: any of them, as a moment is often spread
# over several texts; not for queries with phrases or exclusions, which say what they want, nor for single words.
ASKED = """
    SELECT words, CASE WHEN words::text ~ '[!<]' OR numnode(loose) < 2 THEN ''::tsquery ELSE loose END AS loose,
           CASE WHEN numnode(loose) > 0 THEN 'english' ELSE 'simple' END::regconfig AS language
    FROM (
        SELECT websearch_to_tsquery('simple', %(q)s) || websearch_to_tsquery('english', %(q)s) AS words,
               replace(plainto_tsquery('english', %(q)s)::text, '&', '|')::tsquery AS loose
    ) AS parsed
"""

BY_WORDS = """
    SELECT moments.id, ts_rank_cd(moments.words, asked.words, 1) AS rank
    FROM asked JOIN moments ON moments.words @@ asked.words {of_kind}
    ORDER BY rank DESC LIMIT %(places)s
"""

BY_SOME_WORDS = """
    SELECT moments.id, ts_rank(moments.words, asked.loose, 1) AS rank
    FROM asked JOIN moments ON moments.words @@ asked.loose AND NOT moments.words @@ asked.words {of_kind}
    WHERE (SELECT count(*) FROM by_words) < %(places)s
    ORDER BY rank DESC LIMIT %(places)s
"""

# People know the end of a path, and every file shares its beginning: the last five parts are compared.
BY_NAME = r"""
    SELECT moments.id, rank FROM (
        SELECT files.id, word_similarity(%(name)s, substring(path FROM '(?:[^/\\]+[/\\]){{0,4}}[^/\\]+$')) AS rank
        FROM files WHERE %(name)s <%% path AND (%(kinds)s::text[] = '{{}}' OR kind = ANY (%(kinds)s::text[]))
        ORDER BY rank DESC LIMIT %(names)s
    ) AS alike JOIN moments ON moments.file_id = alike.id AND moments.field = 'name'
    WHERE rank >= %(alike)s::real
"""

# Model and dimensions are written out: Postgres uses a partial index only if it sees the index's own condition.
BY_MEANING = """
    SELECT id, similarity AS rank FROM (
        SELECT embeddings.moment_id AS id, 1 - ({embedding} <=> {vector}) AS similarity
        FROM embeddings {of_kind} WHERE model = {model} ORDER BY {embedding} <=> {vector} LIMIT %(places)s
    ) AS nearest WHERE similarity >= %(floor)s
"""

HITS = """
    WITH asked AS MATERIALIZED ({asked}), by_words AS MATERIALIZED ({by_words}), by_some_words AS ({by_some_words}),
    by_name AS ({by_name}), by_meaning AS ({by_meaning}), ranked AS (
        SELECT id, 'words' AS search, rank() OVER (ORDER BY rank DESC) AS place, NULL::float8 AS similarity FROM by_words
        UNION ALL SELECT id, 'some_words', rank() OVER (ORDER BY rank DESC), NULL FROM by_some_words
        UNION ALL SELECT id, 'names', rank() OVER (ORDER BY rank DESC), NULL FROM by_name
        UNION ALL SELECT id, 'meaning', rank() OVER (ORDER BY rank DESC), rank FROM by_meaning
    ), hits AS (
        SELECT id, jsonb_object_agg(search, place) AS places, max(similarity) AS similarity FROM ranked GROUP BY id
    )
    SELECT moments.file_id, files.path, files.kind, moments.field, moments.start_s AS start, moments.end_s AS "end",
           ts_headline(language, translate(coalesce(nullif(moments.text, ''), ({words}), ''), %(marks)s, ''),
                       asked.words || asked.loose, %(marking)s) AS marked,
           places, similarity,
           EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name = 'thumbnail') AS has_thumbnail,
           files.missing_since IS NOT NULL AS is_missing
    FROM asked, hits JOIN moments USING (id) JOIN files ON files.id = moments.file_id
"""

# What is found by what is to be seen has no words: it is told by those about the same time, or else about the file.
WORDS = """
    SELECT other.text FROM moments AS other
    WHERE other.file_id = moments.file_id AND other.text <> '' AND (
        other.field IN ('description', 'summary', 'name')
        OR other.field = 'chapter' AND other.start_s < moments.end_s AND other.end_s > moments.start_s)
    ORDER BY array_position(ARRAY['chapter', 'description', 'summary', 'name'], other.field),
             abs(other.start_s - moments.start_s), other.id
    LIMIT 1
"""

NOTHING = "SELECT NULL::bigint AS id, NULL::float8 AS rank WHERE false"
OF_KIND = "JOIN files ON files.id = moments.file_id AND files.kind = ANY (%(kinds)s::text[])"


@dataclass(frozen=True)
class Question:
    """What to look for; no `kinds` means every kind."""

    q: str
    kinds: Sequence[Kind] = ()


@dataclass(frozen=True)
class Meaning:
    """The question's vector in pgvector's notation, who made it, and the cosine from which a moment is found by it."""

    vector: str
    model: str
    dimensions: int
    floor: float


@dataclass(frozen=True)
class Found:
    """Hits in no order, and the embedder that served when they were looked for: only its vectors are complete."""

    hits: list[Hit]
    serving: InUse


async def find_hits(connection: Connection, question: Question, meaning: Meaning | None) -> Found:
    """The best hits of every kind of search; without a meaning, by words and names alone."""
    values = {
        "q": question.q,
        "name": question.q[:NAME_LENGTH],
        "kinds": [str(kind) for kind in question.kinds],
        "alike": ALIKE,
        "places": PLACES,
        "names": NAMES,
        "marks": OPEN + CLOSE,
        "marking": MARKING,
        **(asdict(meaning) if meaning else {}),
    }
    model = (meaning.model, meaning.dimensions) if meaning else None
    async with connection.pipeline(), connection.cursor(row_factory=class_row(Hit)) as cursor:
        await connection.execute(SESSION, {"breadth": str(BREADTH), "alike": str(ALIKE)})
        await cursor.execute(statement(model, filtered=bool(question.kinds)), values)
        in_use = await embedders.in_use(connection)  # asked afterwards: whoever serves then served a moment before
        return Found(await cursor.fetchall(), in_use[0])


@lru_cache
def statement(model: tuple[str, int] | None, *, filtered: bool) -> sql.Composed:
    """The search as one statement."""
    of_kind = sql.SQL(OF_KIND if filtered else "")
    return sql.SQL(HITS).format(
        asked=sql.SQL(ASKED),
        words=sql.SQL(WORDS),
        by_words=sql.SQL(BY_WORDS).format(of_kind=of_kind),
        by_some_words=sql.SQL(BY_SOME_WORDS).format(of_kind=of_kind),
        by_name=sql.SQL(BY_NAME).format(),
        by_meaning=_by_meaning(*model, filtered=filtered) if model else sql.SQL(NOTHING),
    )


def _by_meaning(model: str, dimensions: int, *, filtered: bool) -> sql.Composed:
    size = sql.Literal(dimensions)
    return sql.SQL(BY_MEANING).format(
        embedding=sql.SQL("embedding::halfvec({})").format(size),
        vector=sql.SQL("%(vector)s::halfvec({})").format(size),
        model=sql.Literal(model),
        of_kind=sql.SQL(f"JOIN moments ON moments.id = embeddings.moment_id {OF_KIND}" if filtered else ""),
    )
