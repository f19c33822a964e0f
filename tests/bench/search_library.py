"""A library that is measured: files with texts and vectors of which the nearest are known, and filters of known width."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from psycopg.types import TypeInfo

from services.search.moments.vectors import HalfVector, HalfVectorDumper
from shared.database import Connection, Database
from shared.minilm import DIMENSIONS, MODEL
from tests.bench.search_texts import texts

PER_FILE = 10
"""Moments of a file."""
RANK = 32
"""Dimensions in which vectors differ; noise fills the others."""
CLUSTERS = 400
"""Topics, where there are any."""
WIDTHS = {"all": 1, "50 %": 2, "20 %": 5, "10 %": 10, "1 %": 100, "0.1 %": 1000}
"""One file of so many fits the filter of that name; each is a family of its own."""
MODELS = {DIMENSIONS: MODEL, 1024: "nova-2-multimodal-embeddings-v1-1024"}
"""Embedders that the migrations make an index for, by the length of their vectors."""
FILES = "COPY files (id, path, path_raw, kind, size, modified_ns, fingerprint) FROM STDIN"
FACTS = "COPY file_facts (file_id, field, normalized, value) FROM STDIN"
MOMENTS = "COPY moments (file_id, revision, field, start_s, end_s, text) FROM STDIN"
VECTORS = "COPY embeddings (moment_id, model, embedding) FROM STDIN (FORMAT BINARY)"
INDEXES = {DIMENSIONS: "embeddings_minilm", 1024: "embeddings_nova_2_multimodal_embeddings_v1_1024"}
KNOWN = """
    INSERT INTO embedders (model, dimensions, state, index_name) VALUES (%s, %s, 'retired', %s) ON CONFLICT DO NOTHING
"""
CHUNK = 50_000
"""Vectors that are made at once."""


class Kind(StrEnum):
    """How vectors lie: in clusters, where an index finds its way soon, or evenly, where a nearest one is hard to tell."""

    CLUSTERED = "clustered"
    HARD = "hard"


NOISE = {Kind.CLUSTERED: 1.0, Kind.HARD: 0.3 * RANK**0.5}
"""In what the other dimensions have of it: hnswlib with 40 candidates finds fewer than 0.95 of the nearest in hard ones."""


@dataclass(frozen=True)
class Vectors:
    """Vectors of length one by moment, shape (moments, dimensions), and those that are asked for."""

    moments: NDArray[np.float32]
    asked: NDArray[np.float32]

    @property
    def dimensions(self) -> int:
        """Length of each."""
        return int(self.moments.shape[1])

    @property
    def model(self) -> str:
        """Under which name they are stored."""
        return MODELS[self.dimensions]

    def nearest(self, asked: NDArray[np.float32], width: str, limit: int) -> set[int]:
        """Ids of the nearest moments, by comparing every one that fits the filter."""
        fitting = np.nonzero(np.arange(len(self.moments)) // PER_FILE % WIDTHS[width] == 0)[0]
        near = self.moments[fitting] @ asked
        best = np.argpartition(-near, limit - 1)[:limit] if limit < len(near) else np.arange(len(near))
        return {int(at) + 1 for at in fitting[best]}


def vectors(kind: Kind, moments: int, asked: int, dimensions: int = DIMENSIONS) -> Vectors:
    """The same in every run; what is asked for is near some moment."""
    random = np.random.default_rng(1)
    spread = random.standard_normal((RANK, dimensions), np.float32)
    centres = random.standard_normal((CLUSTERS, RANK), np.float32)
    made = np.empty((moments, dimensions), np.float32)
    for begin in range(0, moments, CHUNK):
        size = min(CHUNK, moments - begin)
        placed = random.standard_normal((size, RANK), np.float32)
        if kind is Kind.CLUSTERED:
            placed = centres[random.integers(0, CLUSTERS, size)] + np.float32(0.7) * placed
        noise = random.standard_normal((size, dimensions), np.float32)
        made[begin : begin + size] = _unit(placed @ spread + noise * np.float32(NOISE[kind]))
    # A question is as far from what answers it as half of its length.
    apart = random.standard_normal((asked, dimensions), np.float32) * np.float32(0.5 / np.sqrt(dimensions))
    return Vectors(made, _unit(made[random.integers(0, moments, asked)] + apart))


async def fill(database: Database, made: Vectors) -> None:
    """Put the library into an empty platform; ids of moments count from 1. The index is built when all is there."""
    files = [UUID(int=at + 1) for at in range(len(made.moments) // PER_FILE)]
    facts = [(file, "family", name, name) for at, file in enumerate(files) for name, every in WIDTHS.items() if at % every == 0]
    moments = (
        (files[at // PER_FILE], 1, "transcript", float(at % PER_FILE), at % PER_FILE + 1.0, text)
        for at, text in enumerate(texts(len(made.moments)))
    )
    name = INDEXES[made.dimensions]
    async with database.connection() as connection:
        await copy(connection, FILES, ((f, f"/shoot/{f}.mp4", str(f).encode(), "video", 1, 0, f.bytes * 2) for f in files))
        await copy(connection, FACTS, facts)
        await copy(connection, MOMENTS, moments)
        await connection.execute(KNOWN, (made.model, made.dimensions, name))
        defined = await (await connection.execute("SELECT pg_get_indexdef(to_regclass(%s))", (name,))).fetchone()
        assert defined is not None
        await connection.execute(f"DROP INDEX {name}".encode())
        await copy_vectors(connection, made)
        await connection.execute("SET maintenance_work_mem = '4GB'")
        await connection.execute(defined[0])
        await connection.execute("VACUUM ANALYZE")


async def copy(connection: Connection, into: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Rows into a table, as text."""
    async with connection.cursor() as cursor, cursor.copy(into.encode()) as target:
        for row in rows:
            await target.write_row(row)


async def copy_vectors(connection: Connection, made: Vectors) -> None:
    """Vectors into theirs, in binary."""
    halfvec = await TypeInfo.fetch(connection, "halfvec")
    assert halfvec is not None
    halfvec.register(connection)
    named = type("NamedDumper", (HalfVectorDumper,), {"oid": halfvec.oid})
    connection.adapters.register_dumper(HalfVector, named)
    async with connection.cursor() as cursor, cursor.copy(VECTORS.encode()) as target:
        target.set_types(["int8", "text", "halfvec"])
        for at, vector in enumerate(made.moments):
            await target.write_row((at + 1, made.model, HalfVector.of(vector)))


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / length, np.float32)
