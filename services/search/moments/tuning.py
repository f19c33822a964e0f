"""How Postgres is set for searching: once for each connection, as it keeps it."""

from weakref import WeakSet

from shared.database import Connection

ALIKE = 0.5
"""Share of a query's trigrams that a name must have (pg_trgm's word similarity): one slip in a word of seven letters passes."""
BREADTH = 250
"""Candidates that the vector index keeps while it looks: with 100, 0.93 of the 50 nearest were found among 100,000 vectors that
are hard to tell apart, with 200 it was 0.98, and 0.957 where half of them were meant."""
SCANNED, SCAN_MEMORY = 50_000, 4
"""Vectors that the index looks at before it gives up, where most are not meant, and how many times the memory of a sort it
may take for that: with once, it gives up after 20,000."""

# The index goes on past its first answers where a filter drops most of them. Compiling takes longer than any search.
SETTINGS = {
    "hnsw.ef_search": BREADTH,
    "hnsw.iterative_scan": "relaxed_order",
    "hnsw.max_scan_tuples": SCANNED,
    "hnsw.scan_mem_multiplier": SCAN_MEMORY,
    "pg_trgm.word_similarity_threshold": ALIKE,
    "jit": "off",
}
SET = "SELECT set_config(name, value, false) FROM unnest(%(names)s::text[], %(values)s::text[]) AS settings (name, value)"

_ready: WeakSet[Connection] = WeakSet()


async def tune(connection: Connection) -> None:
    """Set a connection for searching, unless it is; not in a transaction, whose end might undo it."""
    if connection not in _ready:
        await connection.execute(SET, {"names": list(SETTINGS), "values": [str(value) for value in SETTINGS.values()]})
        _ready.add(connection)
