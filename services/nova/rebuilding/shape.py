"""The tables that searches read, as the migrations leave them: the one place from which they can be made anew."""

from typing import Final

LIVE: Final = "public"
SHADOW: Final = "rebuilding"
"""The schema in which tables are made anew. Their indexes, constraints and sequences have the names of the others there, and
keep them when the tables change places."""
REPLACED: Final = "replaced"
"""The schema of the tables that gave way, until they are dropped."""

TABLES: Final = ("moments", "embeddings", "file_facts")

# With the indexes that filling them asks for.
MAKE_TABLES: Final = """
    CREATE TABLE {schema}.moments (
        id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        file_id   uuid NOT NULL REFERENCES public.files ON DELETE CASCADE,
        revision  integer NOT NULL,
        field     text NOT NULL,
        start_s   double precision,
        end_s     double precision,
        text      text NOT NULL,
        words     tsvector GENERATED ALWAYS AS (to_tsvector('simple', text) || to_tsvector('english', text)) STORED
    );
    CREATE INDEX moments_file ON {schema}.moments (file_id);
    CREATE INDEX moments_text ON {schema}.moments USING hash (text);
    CREATE TABLE {schema}.embeddings (
        moment_id  bigint NOT NULL REFERENCES {schema}.moments ON DELETE CASCADE,
        model      text NOT NULL,
        embedding  halfvec NOT NULL,
        PRIMARY KEY (moment_id, model)
    );
    CREATE TABLE {schema}.file_facts (
        file_id     uuid NOT NULL REFERENCES public.files ON DELETE CASCADE,
        field       text NOT NULL,
        normalized  text NOT NULL,
        value       text NOT NULL,
        PRIMARY KEY (file_id, field, normalized)
    );
    CREATE INDEX file_facts_value ON {schema}.file_facts (field, normalized, file_id)
"""

# Over full tables they are made faster, and better, than row by row.
INDEXES: Final = {"moments_words": "ON {schema}.moments USING gin (words)"}

VECTOR_INDEXES: Final = {
    "embeddings_minilm": (384, "all-MiniLM-L6-v2"),
    "embeddings_nova_2_multimodal_embeddings_v1_1024": (1024, "nova-2-multimodal-embeddings-v1-1024"),
}
"""Dimensions and model of each; those of other embedders in use come with a switch to them."""

VECTOR_INDEX: Final = """
    ON {schema}.embeddings USING hnsw ((embedding::halfvec({dimensions})) halfvec_cosine_ops) WHERE model = {model}
"""
