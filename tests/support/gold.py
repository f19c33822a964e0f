"""The gold set: a library with queries whose answers are known, and how well they are answered."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from services.search.moments.ranking import Answer
from shared.database import Database
from tests.support.footage import add_searchable

FOLDER = Path(__file__).parent.parent / "data" / "search"
GOLD, BASELINE = FOLDER / "gold.json", FOLDER / "baseline.json"
DEPTH = 10
"""Answers that are looked at."""
SPACING, LENGTH = 6.0, 4.0
"""Seconds from the beginning of a sentence to the next one's, and that one takes (`tests.support.footage`)."""


class Query(NamedTuple):
    """What is asked, and where the answer is: a sentence of a file, or the file as a whole."""

    q: str
    path: str
    sentence: int | None


@dataclass(frozen=True)
class Quality:
    """Means over all queries: nDCG over ten answers, and the share of queries that have theirs among them."""

    ndcg: float
    recall: float


def queries() -> list[Query]:
    """All of them."""
    return [Query(**query) for query in json.loads(GOLD.read_text(encoding="utf-8"))["queries"]]


async def add_library(database: Database) -> None:
    """The library that they are asked of."""
    for file in json.loads(GOLD.read_text(encoding="utf-8"))["library"]:
        await add_searchable(database, *file["sentences"], path=file["path"])


def quality(found: Sequence[tuple[Query, Sequence[Answer]]]) -> Quality:
    """How well the queries were answered; as each has one answer that is meant, its place says everything."""
    places = [place(query, answers) for query, answers in found]
    gains = [0.0 if at is None else 1 / math.log2(at + 1) for at in places]
    return Quality(round(mean(gains), 4), round(mean(at is not None for at in places), 4))


def place(query: Query, answers: Sequence[Answer]) -> int | None:
    """Where, from 1, the answer that is meant stands among the first ten."""
    return next((at for at, answer in enumerate(answers[:DEPTH], 1) if is_meant(query, answer)), None)


def is_meant(query: Query, answer: Answer) -> bool:
    """Whether an answer is the file that is meant, at the sentence that is meant."""
    if answer.hit.path != query.path or query.sentence is None:
        return answer.hit.path == query.path
    start = query.sentence * SPACING
    return answer.hit.start is not None and answer.hit.start < start + LENGTH and (answer.hit.end or 0.0) > start
