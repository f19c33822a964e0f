"""The gold set is answered alike by tables that were made anew after somebody had dropped them."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.search.moments import grammar
from services.search.moments.ranking import Answer, answers
from services.search.moments.repository import Meaning, Question, find_hits
from services.search.moments.vectors import HalfVector
from services.search.settings import SearchSettings
from shared.database import Database
from shared.minilm import DIMENSIONS, MODEL
from shared.service import Platform
from tests.support.footage import model
from tests.support.gold import DEPTH, add_library, queries
from tests.support.rebuilding import drop_tables, rebuilt, rows

pytestmark = [pytest.mark.connected, pytest.mark.timeout(300)]

FLOOR = SearchSettings.model_fields["similarity_floor"].default


async def told(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything that is answered to every query of the gold set: ids, order, scores, snippets."""
    return {query.q: [one_of(answer) for answer in await asked(database, query.q)] for query in queries()}


async def asked(database: Database, q: str) -> Sequence[Answer]:
    question = grammar.read(q)
    meaning = Meaning(HalfVector.of(await model.embed_query(question.meant)), MODEL, DIMENSIONS, FLOOR)
    async with database.connection() as connection:
        return answers((await find_hits(connection, Question(question), meaning)).hits, semantic=True)


def one_of(answer: Answer) -> dict[str, Any]:
    return {"hit": vars(answer.hit), "score": answer.score}


async def test_the_gold_set_is_answered_alike_after_the_tables_were_dropped(platform: Platform, database: Database) -> None:
    await add_library(database)
    before, was = await told(database), await rows(database)
    assert sum(map(len, before.values())) > 500
    await drop_tables(database)
    job = await rebuilt(platform)
    assert job.state == "done"
    assert await rows(database) == was
    after = await told(database)
    for q, answered in before.items():
        assert after[q][:DEPTH] == answered[:DEPTH], q
        # Of the same sentence in many files, an index may find another last one.
        assert [one["score"] for one in after[q]] == [one["score"] for one in answered], q
