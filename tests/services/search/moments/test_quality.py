"""How good the answers are: the gold set against the committed baseline, and the searches together against each alone."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import pytest

from services.search.moments import grammar
from services.search.moments.grammar import Asked
from services.search.moments.ranking import Answer, answers
from services.search.moments.repository import Meaning, Question, find_hits
from services.search.moments.vectors import HalfVector
from services.search.settings import SearchSettings
from shared.database import Database
from shared.minilm import DIMENSIONS, MODEL
from tests.support.footage import model
from tests.support.gold import BASELINE, Quality, Query, add_library, quality, queries

pytestmark = [pytest.mark.connected, pytest.mark.timeout(300)]

SLACK = 0.01
"""By which processors may differ in the last digits of vectors, and so in an order or two."""
FLOOR = SearchSettings.model_fields["similarity_floor"].default


async def meaning_of(asked: Asked) -> Meaning:
    vector = await model.embed_query(asked.meant)
    return Meaning(HalfVector.of(vector), MODEL, DIMENSIONS, FLOOR)


async def fused(database: Database, asked: Asked) -> list[Answer]:
    async with database.connection() as connection:
        return answers((await find_hits(connection, Question(asked), await meaning_of(asked))).hits, semantic=True)


async def words(database: Database, asked: Asked) -> list[Answer]:
    async with database.connection() as connection:
        return answers((await find_hits(connection, Question(asked), None)).hits, semantic=False)


async def meaning(database: Database, asked: Asked) -> list[Answer]:
    async with database.connection() as connection:
        found = await find_hits(connection, Question(Asked()), await meaning_of(asked))
        return answers(found.hits, semantic=True, worded=False)


async def measured(database: Database, search: Callable[[Database, Asked], Awaitable[list[Answer]]]) -> Quality:
    found: list[tuple[Query, list[Answer]]] = [(query, await search(database, grammar.read(query.q))) for query in queries()]
    return quality(found)


async def test_answers_are_as_good_as_they_were(database: Database, update_test_data: bool) -> None:
    assert len(queries()) >= 60
    await add_library(database)
    now = {search.__name__: await measured(database, search) for search in (fused, words, meaning)}
    if update_test_data:
        BASELINE.write_text(json.dumps({name: asdict(one) for name, one in now.items()}, indent=2) + "\n", encoding="utf-8")
    before = {name: Quality(**one) for name, one in json.loads(BASELINE.read_text(encoding="utf-8")).items()}
    for name, one in now.items():
        assert one.ndcg >= before[name].ndcg - SLACK, name
        assert one.recall >= before[name].recall - SLACK, name
    for alone in ("words", "meaning"):
        assert now["fused"].ndcg >= now[alone].ndcg
        assert now["fused"].recall >= now[alone].recall
