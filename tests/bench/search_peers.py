"""What search is compared with: hnswlib in this process, sqlite-vec, tantivy, and statements of plain SQL.

The engines come with the benchmarks alone, and are imported where they are used.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import psycopg
from numpy.typing import NDArray

from services.search.moments.vectors import HalfVector
from tests.bench.search_library import Vectors

Asked = NDArray[np.float32]

NEAREST = 10
"""Answers that are compared with the truth where there are peers; under filters it is every hit."""
BREADTHS = (10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 1000)
"""Candidates that an index may keep while it looks (ef)."""
BY_MEANING = """
    SELECT moment_id FROM embeddings WHERE model = '{model}'
    ORDER BY embedding::halfvec({dimensions}) <=> %s::halfvec({dimensions}) LIMIT {limit}
"""
BY_WORDS = """
    SELECT id FROM moments WHERE words @@ websearch_to_tsquery('english', %(asked)s)
    ORDER BY ts_rank_cd(words, websearch_to_tsquery('english', %(asked)s)) DESC LIMIT {limit}
"""


class Index(Protocol):
    """Something that finds about the nearest vectors, the more of them the more broadly it looks."""

    def widen(self, breadth: int) -> None:
        """Keep so many candidates from now on."""
        ...

    def nearest(self, asked: Asked) -> set[int]:
        """Ids of about the nearest."""
        ...


class Hnswlib:
    """An index in memory, built like pgvector's by default; one thread."""

    def __init__(self, made: Vectors, limit: int) -> None:
        self._limit = limit
        self._index = import_module("hnswlib").Index(space="cosine", dim=made.dimensions)
        self._index.init_index(max_elements=len(made.moments), M=16, ef_construction=64, random_seed=1)
        self._index.add_items(made.moments, np.arange(1, len(made.moments) + 1))
        self._index.set_num_threads(1)

    def widen(self, breadth: int) -> None:
        """Keep so many candidates from now on."""
        self._index.set_ef(breadth)

    def nearest(self, asked: Asked) -> set[int]:
        """Ids of about the nearest."""
        found, _ = self._index.knn_query(asked, k=self._limit)
        return {int(identifier) for identifier in found[0]}


class SqliteVec:
    """A virtual table in memory, which compares every vector."""

    def __init__(self, made: Vectors, limit: int) -> None:
        self._limit = limit
        self._connection = import_module("apsw").Connection(":memory:")
        self._connection.enable_load_extension(True)
        self._connection.load_extension(import_module("sqlite_vec").loadable_path())
        self._connection.execute(f"CREATE VIRTUAL TABLE vectors USING vec0(embedding float[{made.dimensions}])")
        rows = ((at + 1, vector.tobytes()) for at, vector in enumerate(made.moments))
        with self._connection:
            self._connection.executemany("INSERT INTO vectors (rowid, embedding) VALUES (?, ?)", rows)

    def nearest(self, asked: Asked) -> set[int]:
        """Ids of the nearest; vectors of length one are nearest by distance as they are by angle."""
        sql = "SELECT rowid FROM vectors WHERE embedding MATCH ? AND k = ? ORDER BY distance"
        return {row[0] for row in self._connection.execute(sql, (asked.tobytes(), self._limit))}


class PlainSql:
    """The index alone, asked by a statement that joins nothing and tells nothing but ids."""

    def __init__(self, url: str, made: Vectors, limit: int) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._statement = BY_MEANING.format(model=made.model, dimensions=made.dimensions, limit=limit).encode()

    def widen(self, breadth: int) -> None:
        """Keep so many candidates from now on."""
        self._connection.execute("SELECT set_config('hnsw.ef_search', %s, false)", (str(breadth),))

    def nearest(self, asked: Asked) -> set[int]:
        """Ids of about the nearest."""
        return {row[0] for row in self._connection.execute(self._statement, (HalfVector.of(asked),), prepare=True)}

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()


class PlainWords:
    """Words by the index of Postgres, best first, by a statement that tells nothing but ids."""

    def __init__(self, url: str, limit: int) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._statement = BY_WORDS.format(limit=limit).encode()

    def found(self, query: str) -> list[int]:
        """Ids of the best."""
        return [row[0] for row in self._connection.execute(self._statement, {"asked": query}, prepare=True)]

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()


class Tantivy:
    """An index on disk, as Lucene has it."""

    def __init__(self, folder: Path, texts: Iterable[str], limit: int) -> None:
        engine: Any = import_module("tantivy")
        fields = engine.SchemaBuilder()
        fields.add_integer_field("id", stored=True, fast=True)
        fields.add_text_field("text", tokenizer_name="en_stem")
        folder.mkdir()
        self._limit = limit
        self._index = engine.Index(fields.build(), path=str(folder))
        writer = self._index.writer(heap_size=128 << 20, num_threads=1)
        for at, text in enumerate(texts):
            writer.add_document(engine.Document(id=at + 1, text=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def found(self, query: str) -> list[int]:
        """Ids of the best that have all the words."""
        wanted = self._index.parse_query(query, ["text"], conjunction_by_default=True)
        hits = self._searcher.search(wanted, self._limit).hits
        return [self._searcher.doc(address)["id"][0] for _, address in hits]


def narrowest(index: Index, recall: Callable[[], float], least: float, breadths: Sequence[int] = BREADTHS) -> int:
    """The fewest candidates with which an index finds enough, or the most that are tried; it goes on with them."""
    for breadth in breadths:
        index.widen(breadth)
        if recall() >= least:
            break
    return breadth
