"""SQL of search: every kind of search in one statement, and one round trip."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import sql
from psycopg.rows import class_row

from services.search.moments.comparing import worth_comparing
from services.search.moments.filters import Value, Wanted, condition
from services.search.moments.grammar import Asked
from services.search.moments.ranking import Hit
from services.search.moments.snippets import CLOSE, OPEN
from services.search.moments.tuning import ALIKE, tune
from services.search.moments.vectors import HalfVector
from shared import embedders
from shared.database import Connection
from shared.embedders import InUse

PLACES = 50
"""Hits of each kind of search that are fused: enough that a place further down no longer changes an answer."""
RANKED = 20_000
"""Texts with the words that are put in order: a word that is in more of them tells them apart no better."""
NAMES = 20
"""Files whose names merely look alike."""
NAME_LENGTH = 100
"""Characters of a query that are compared with names."""
FIELDS: Mapping[str, float] = {
    "name": 1.2,
    "chapter": 1.1,
    "summary": 0.9,
    "element": 0.9,
    "path": 0.8,
    "tags": 0.7,
    "exif": 0.6,
}
"""How much words count by the text that they are in; 1 where it is not told."""
MARKING = f"HighlightAll=true, StartSel={OPEN}, StopSel={CLOSE}"

# `words`: what is asked for, the words as written or in their English base form. `loose`: any of the words, as a moment is
# often spread over several texts; not for queries that say how the words are to be, nor for single words.
ASKED = """
    SELECT CASE WHEN numnode(unwanted) > 0 THEN wanted && !! unwanted ELSE wanted END AS words, unwanted,
           CASE WHEN %(exact)s OR wanted::text ~ '[!<]' OR numnode(loose) < 2 THEN ''::tsquery ELSE loose END AS loose,
           CASE WHEN numnode(loose) > 0 THEN 'english' ELSE 'simple' END::regconfig AS language
    FROM (
        SELECT (websearch_to_tsquery('simple', %(plain)s) || websearch_to_tsquery('english', %(plain)s))
                   && to_tsquery('simple', %(beginnings)s) AS wanted,
               websearch_to_tsquery('simple', %(unwanted)s) || websearch_to_tsquery('english', %(unwanted)s)
                   || to_tsquery('simple', %(unwanted_beginnings)s) AS unwanted,
               replace(plainto_tsquery('english', %(plain)s)::text, '&', '|')::tsquery AS loose
    ) AS parsed
"""

BY_WORDS = """
    SELECT id, ts_rank_cd(found.words, asked, 1) * {weight} AS rank FROM (
        SELECT moments.id, moments.field, moments.words, asked.words AS asked
        FROM asked JOIN moments ON moments.words @@ asked.words {meant} LIMIT {ranked}
    ) AS found ORDER BY rank DESC, id LIMIT {places}
"""

BY_SOME_WORDS = """
    SELECT id, ts_rank(found.words, loose, 1) * {weight} AS rank FROM (
        SELECT moments.id, moments.field, moments.words, asked.loose
        FROM asked JOIN moments ON moments.words @@ asked.loose AND NOT moments.words @@ asked.words {meant}
        WHERE (SELECT count(*) FROM by_words) < {places} LIMIT {ranked}
    ) AS found ORDER BY rank DESC, id LIMIT {places}
"""

# People know the end of a path, and every file shares its beginning: the last five parts are compared.
BY_NAME = r"""
    SELECT moments.id, rank FROM (
        SELECT files.id, word_similarity(%(name)s, substring(path FROM '(?:[^/\\]+[/\\]){{0,4}}[^/\\]+$')) AS rank
        FROM files WHERE %(name)s <%% path AND {condition}
        ORDER BY rank DESC LIMIT {names}
    ) AS alike JOIN moments ON moments.file_id = alike.id AND moments.field = 'name'
    WHERE rank >= %(alike)s::real AND NOT moments.words @@ (SELECT unwanted FROM asked)
"""

# Model and dimensions are written out: Postgres uses a partial index only if it sees the index's own condition.
BY_MEANING = """
    SELECT id, similarity AS rank FROM (
        SELECT embeddings.moment_id AS id, 1 - ({embedding} <=> {vector}) AS similarity
        FROM embeddings {meant} WHERE model = {model} ORDER BY {embedding} <=> {vector} LIMIT {places}
    ) AS nearest WHERE similarity >= %(floor)s
"""

# Ordered by what no index is ordered by: every vector is compared.
BY_MEANING_OF_FEW = """
    SELECT id, similarity AS rank FROM (
        SELECT embeddings.moment_id AS id, 1 - ({embedding} <=> {vector}) AS similarity
        FROM embeddings {meant} WHERE model = {model}
    ) AS compared WHERE similarity >= %(floor)s ORDER BY similarity DESC, id LIMIT {places}
"""

# Where nothing is looked for, each file is told by what says most about it.
BY_FILE = """
    SELECT told.id, 0 AS rank FROM files CROSS JOIN LATERAL (
        SELECT id FROM moments WHERE moments.file_id = files.id {texts}
        ORDER BY array_position(ARRAY['summary', 'description', 'chapter', 'name'], field), start_s, id LIMIT 1
    ) AS told WHERE {condition} ORDER BY files.id DESC LIMIT {places}
"""

HITS = """
    WITH asked AS MATERIALIZED ({asked}), by_words AS MATERIALIZED ({by_words}), by_some_words AS ({by_some_words}),
    by_name AS ({by_name}), by_meaning AS ({by_meaning}), by_file AS ({by_file}), ranked AS (
        SELECT id, 'words' AS search, rank() OVER (ORDER BY rank DESC) AS place, NULL::float8 AS similarity FROM by_words
        UNION ALL SELECT id, 'some_words', rank() OVER (ORDER BY rank DESC), NULL FROM by_some_words
        UNION ALL SELECT id, 'names', rank() OVER (ORDER BY rank DESC), NULL FROM by_name
        UNION ALL SELECT id, 'meaning', rank() OVER (ORDER BY rank DESC), rank FROM by_meaning
        UNION ALL SELECT id, 'file', 1, NULL FROM by_file
    ), hits AS (
        SELECT id, jsonb_object_agg(search, place) AS places, max(similarity) AS similarity FROM ranked GROUP BY id
    )
    SELECT moments.id, moments.file_id, files.path, files.kind, moments.field, moments.start_s AS start, moments.end_s AS "end",
           ts_headline(language, translate(coalesce(nullif(moments.text, ''), ({words}), ''), %(marks)s, ''),
                       asked.words || asked.loose, %(marking)s) AS marked,
           places, similarity, files.captured_at, files.duration,
           EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name = 'thumbnail') AS has_thumbnail,
           EXISTS (SELECT FROM renditions WHERE file_id = files.id AND name = 'sprite_vtt') AS has_frames,
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
MOMENTS = "JOIN moments ON moments.id = embeddings.moment_id {kept} {meant}"
KEPT = "AND NOT moments.words @@ (SELECT unwanted FROM asked)"
MEANT = "JOIN files ON files.id = moments.file_id AND {condition} {texts}"
# How many moments are meant, counted no further than where it no longer matters.
MEANT_MOMENTS = """
    SELECT count(*) FROM (
        SELECT FROM moments JOIN files ON files.id = moments.file_id WHERE {condition} {texts} LIMIT {enough}) AS counted
"""
VECTORS = """
    SELECT greatest(0, reltuples)::bigint FROM embedders JOIN pg_class ON pg_class.oid = to_regclass(index_name)
    WHERE model = %(model)s
"""


@dataclass(frozen=True)
class Question:
    """What to look for, and in which files."""

    asked: Asked
    wanted: Wanted = field(default_factory=Wanted)
    places: int = PLACES
    """Hits of each kind of search."""

    @property
    def is_open(self) -> bool:
        """Whether any moment of any file will do."""
        return self.wanted.is_everything and not (self.asked.texts or self.is_without)

    @property
    def is_without(self) -> bool:
        """Whether there is something that a moment must not have."""
        return bool(self.asked.unwanted or self.asked.unwanted_beginnings)


@dataclass(frozen=True)
class Meaning:
    """The question's vector, who made it, and the cosine from which a moment is found by it."""

    vector: HalfVector
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
        **values_of(question.asked),
        "name": question.asked.meant[:NAME_LENGTH],
        "alike": ALIKE,
        "marks": OPEN + CLOSE,
        "marking": MARKING,
        **({"vector": meaning.vector, "floor": meaning.floor} if meaning else {}),
    }
    await tune(connection)
    many = question.is_open or (meaning is not None and await _are_many(connection, question, meaning))
    async with connection.cursor(row_factory=class_row(Hit)) as cursor:
        await cursor.execute(statement(question, meaning, many=many), values)
        hits = await cursor.fetchall()
    in_use = await embedders.in_use(connection)  # asked afterwards: whoever serves then served a moment before
    return Found(hits, in_use[0])


def values_of(asked: Asked) -> dict[str, object]:
    """The values that `ASKED` names."""
    return {
        "plain": asked.plain,
        "beginnings": asked.beginnings,
        "unwanted": asked.unwanted,
        "unwanted_beginnings": asked.unwanted_beginnings,
        "exact": asked.is_exact,
    }


def statement(question: Question, meaning: Meaning | None, *, many: bool) -> sql.Composed:
    """The search as one statement; `many` says whether the vector index is asked, or every vector that is meant is compared."""
    nothing = sql.SQL(NOTHING)
    meant: sql.Composable = sql.SQL("")
    if not question.is_open:
        meant = sql.SQL(MEANT).format(condition=condition(question.wanted), texts=texts_of(question.asked))
    looked_for = bool(question.asked.meant)
    named = looked_for and not question.asked.texts
    # Numbers are written out too: without them Postgres would not know how few rows are wanted, and plan for a tenth of all.
    places = Value(question.places)
    words = {"weight": _weight(), "meant": meant, "places": places, "ranked": Value(RANKED)}
    by_name = sql.SQL(BY_NAME).format(condition=condition(question.wanted), names=Value(NAMES))
    return sql.SQL(HITS).format(
        asked=sql.SQL(ASKED),
        words=sql.SQL(WORDS),
        by_words=sql.SQL(BY_WORDS).format(**words) if looked_for else nothing,
        by_some_words=sql.SQL(BY_SOME_WORDS).format(**words) if looked_for else nothing,
        by_name=by_name if named else nothing,
        by_meaning=_by_meaning(question, meaning, meant, many=many) if meaning else nothing,
        by_file=_by_file(question) if not looked_for and not meaning else nothing,
    )


def texts_of(asked: Asked) -> sql.Composable:
    """A condition on `moments`: those texts in which the query is to be looked for."""
    return sql.SQL("AND moments.field = ANY ({})").format(Value(list(asked.texts))) if asked.texts else sql.SQL("")


async def _are_many(connection: Connection, question: Question, meaning: Meaning) -> bool:
    cursor = await connection.execute(VECTORS, {"model": meaning.model})
    row = await cursor.fetchone()
    few = worth_comparing(row[0] if row else 0, question.places)
    condition_, texts = condition(question.wanted), texts_of(question.asked)
    counted = sql.SQL(MEANT_MOMENTS).format(condition=condition_, texts=texts, enough=Value(few + 1))
    cursor = await connection.execute(counted, {})
    row = await cursor.fetchone()
    return row is not None and row[0] > few


def _weight() -> sql.Composable:
    cases = [sql.SQL("WHEN {} THEN {}").format(Value(name), Value(weight)) for name, weight in FIELDS.items()]
    return sql.SQL("CASE found.field {} ELSE 1 END").format(sql.SQL(" ").join(cases))


def _by_file(question: Question) -> sql.Composed:
    return sql.SQL(BY_FILE).format(
        condition=condition(question.wanted), texts=texts_of(question.asked), places=Value(question.places)
    )


def _by_meaning(question: Question, meaning: Meaning, meant: sql.Composable, *, many: bool) -> sql.Composed:
    size = sql.Literal(meaning.dimensions)
    kept = sql.SQL(KEPT if question.is_without else "")
    return sql.SQL(BY_MEANING if many else BY_MEANING_OF_FEW).format(
        embedding=sql.SQL("embedding::halfvec({})").format(size),
        vector=sql.SQL("%(vector)s::halfvec({})").format(size),
        model=Value(meaning.model),
        meant=sql.SQL("") if question.is_open else sql.SQL(MOMENTS).format(kept=kept, meant=meant),
        places=Value(question.places),
    )
