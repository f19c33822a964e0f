"""A library that is measured: files with texts and vectors of which the nearest are known, and filters of known width."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shared.database import Database
from shared.minilm import DIMENSIONS, MODEL

PER_FILE = 10
"""Moments of a file."""
CLUSTERS, RANK = 400, 32
"""Topics, and the dimensions in which they differ; noise fills the others, so that a nearest vector is hard to tell."""
WIDTHS = {"all": 1, "50 %": 2, "10 %": 10, "1 %": 100, "0.1 %": 1000}
"""One file of so many fits the filter of that name; each is a family of its own."""
FILES = "COPY files (id, path, path_raw, kind, size, modified_ns, fingerprint) FROM STDIN"
FACTS = "COPY file_facts (file_id, field, normalized, value) FROM STDIN"
MOMENTS = "COPY moments (file_id, revision, field, start_s, end_s, text) FROM STDIN"
VECTORS = "COPY embeddings (moment_id, model, embedding) FROM STDIN"
INDEX = f"""
    CREATE INDEX embeddings_minilm ON embeddings USING hnsw ((embedding::halfvec({DIMENSIONS})) halfvec_cosine_ops)
    WHERE model = '{MODEL}'
"""


@dataclass(frozen=True)
class Vectors:
    """Vectors of length one by moment, shape (moments, dimensions), and those that are asked for."""

    moments: NDArray[np.float32]
    asked: NDArray[np.float32]

    def nearest(self, asked: NDArray[np.float32], width: str, limit: int) -> set[int]:
        """Ids of the nearest moments, by comparing every one that fits the filter."""
        fitting = np.nonzero(np.arange(len(self.moments)) // PER_FILE % WIDTHS[width] == 0)[0]
        best = np.argsort(-(self.moments[fitting] @ asked))[:limit]
        return {int(at) + 1 for at in fitting[best]}


def vectors(moments: int, asked: int) -> Vectors:
    """The same in every run."""
    random = np.random.default_rng(1)
    centres, spread = random.normal(size=(CLUSTERS, RANK)), random.normal(size=(RANK, DIMENSIONS))
    placed = centres[random.integers(0, CLUSTERS, moments)] + 0.7 * random.normal(size=(moments, RANK))
    made = _unit(placed @ spread + random.normal(size=(moments, DIMENSIONS)))
    near = _unit(made[random.integers(0, moments, asked)] + 0.02 * random.normal(size=(asked, DIMENSIONS)))
    return Vectors(made, near)


def literal(vector: NDArray[np.float32]) -> str:
    """In pgvector's notation."""
    return f"[{','.join(f'{value:.5f}' for value in vector)}]"


async def fill(database: Database, made: Vectors) -> None:
    """Put the library into an empty platform; ids of moments count from 1. The index is built when all is there."""
    files = [UUID(int=at + 1) for at in range(len(made.moments) // PER_FILE)]
    facts = [(file, "family", name, name) for at, file in enumerate(files) for name, every in WIDTHS.items() if at % every == 0]
    moments = [
        (files[at // PER_FILE], 1, "transcript", float(at % PER_FILE), at % PER_FILE + 1.0, f"sentence {at}")
        for at in range(len(made.moments))
    ]
    await _copy(database, FILES, [(file, f"/{file}.mp4", str(file).encode(), "video", 1, 0, file.bytes * 2) for file in files])
    await _copy(database, FACTS, facts)
    await _copy(database, MOMENTS, moments)
    async with database.connection() as connection:
        await connection.execute("DROP INDEX embeddings_minilm")
    await _copy(database, VECTORS, [(at + 1, MODEL, literal(vector)) for at, vector in enumerate(made.moments)])
    async with database.connection() as connection:
        await connection.execute("SET maintenance_work_mem = '1GB'")
        await connection.execute(INDEX.encode())
        await connection.execute("ANALYZE")


async def _copy(database: Database, into: str, rows: Sequence[tuple[object, ...]]) -> None:
    async with database.connection() as connection, connection.cursor() as cursor, cursor.copy(into.encode()) as copy:
        for row in rows:
            await copy.write_row(row)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    length: NDArray[np.float64] = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / length, np.float32)
