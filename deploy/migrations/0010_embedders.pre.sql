-- Embedders: whose vectors answer searches, and whose are being made to take their place.

CREATE TABLE embedders (
    model       text PRIMARY KEY,              -- as embeddings.model: the model, and the dimensions where they can be chosen
    dimensions  integer NOT NULL CHECK (dimensions BETWEEN 1 AND 4000),
    state       text NOT NULL CHECK (state IN ('serving', 'building', 'retired')),
    index_name  text NOT NULL UNIQUE,
    since       timestamptz NOT NULL DEFAULT now(),
    emptied_at  timestamptz                    -- when the last vector of a retired one was removed
);
CREATE UNIQUE INDEX embedders_one_of_each ON embedders (state) WHERE state IN ('serving', 'building');
INSERT INTO embedders (model, dimensions, state, index_name) VALUES ('all-MiniLM-L6-v2', 384, 'serving', 'embeddings_minilm');

-- Those of other models and dimensions are made when a switch to them begins.
CREATE INDEX embeddings_nova_2_multimodal_embeddings_v1_1024 ON embeddings USING hnsw ((embedding::halfvec(1024)) halfvec_cosine_ops)
    WHERE model = 'nova-2-multimodal-embeddings-v1-1024';

CREATE INDEX moments_text ON moments USING hash (text);      -- what was embedded for one file is not paid for again for another
