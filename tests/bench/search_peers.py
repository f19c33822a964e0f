"""What search by meaning is compared with: hnswlib in this process, sqlite-vec, and a statement of plain SQL.

The two engines come with the benchmarks alone, and are imported where they are used.
"""

from importlib import import_module

import numpy as np
import psycopg
from numpy.typing import NDArray

from shared.minilm import DIMENSIONS, MODEL
from tests.bench.search_library import Vectors, literal

EF = 100
"""Candidates that hnswlib keeps while it looks, as many as ours."""
PLAIN = f"""
    SELECT moment_id FROM embeddings WHERE model = '{MODEL}'
    ORDER BY embedding::halfvec({DIMENSIONS}) <=> %s::halfvec({DIMENSIONS}) LIMIT %s
"""


class Hnswlib:
    """An index in memory, built like pgvector's by default; one thread."""

    def __init__(self, made: Vectors) -> None:
        self._index = import_module("hnswlib").Index(space="cosine", dim=DIMENSIONS)
        self._index.init_index(max_elements=len(made.moments), M=16, ef_construction=64, random_seed=1)
        self._index.add_items(made.moments, np.arange(1, len(made.moments) + 1))
        self._index.set_ef(EF)
        self._index.set_num_threads(1)

    def nearest(self, asked: NDArray[np.float32], limit: int) -> set[int]:
        """Ids of about the nearest."""
        found, _ = self._index.knn_query(asked, k=limit)
        return {int(identifier) for identifier in found[0]}


class SqliteVec:
    """A virtual table in memory, which compares every vector."""

    def __init__(self, made: Vectors) -> None:
        self._connection = import_module("apsw").Connection(":memory:")
        self._connection.enable_load_extension(True)
        self._connection.load_extension(import_module("sqlite_vec").loadable_path())
        self._connection.execute(f"CREATE VIRTUAL TABLE vectors USING vec0(embedding float[{DIMENSIONS}])")
        rows = ((at + 1, vector.tobytes()) for at, vector in enumerate(made.moments))
        with self._connection:
            self._connection.executemany("INSERT INTO vectors (rowid, embedding) VALUES (?, ?)", rows)

    def nearest(self, asked: NDArray[np.float32], limit: int) -> set[int]:
        """Ids of the nearest; vectors of length one are nearest by distance as they are by angle."""
        sql = "SELECT rowid FROM vectors WHERE embedding MATCH ? AND k = ? ORDER BY distance"
        return {row[0] for row in self._connection.execute(sql, (asked.tobytes(), limit))}


class PlainSql:
    """The index alone, asked by a statement that joins nothing and tells nothing but ids."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SELECT set_config('hnsw.ef_search', %s, false)", (str(EF),))

    def nearest(self, asked: NDArray[np.float32], limit: int) -> set[int]:
        """Ids of about the nearest."""
        return {row[0] for row in self._connection.execute(PLAIN, (literal(asked), limit))}

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()
