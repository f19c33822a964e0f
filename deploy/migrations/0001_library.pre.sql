-- The library, its pipeline and the event tables.

CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE files (
    id           uuid PRIMARY KEY,
    path         text NOT NULL,            -- as shown to people
    path_raw     bytea NOT NULL UNIQUE,    -- as the file system has it: names need not be UTF-8
    root         text NOT NULL DEFAULT '', -- what was imported to bring it here: the folders above say nothing of the footage
    kind         text NOT NULL CHECK (kind IN ('video', 'image', 'audio')),
    size         bigint NOT NULL CHECK (size >= 0),
    modified_ns  bigint NOT NULL,
    fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 32),
    revision     integer NOT NULL DEFAULT 1,
    duration     double precision,
    width        integer,
    height       integer,
    captured_at  timestamptz,
    latitude     double precision,
    longitude    double precision,
    camera       text,
    metadata     jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX files_fingerprint ON files (fingerprint);
CREATE INDEX files_path_trigrams ON files USING gin (path gin_trgm_ops);

CREATE TABLE file_stages (
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    stage       text NOT NULL CHECK (stage IN ('ingest', 'proxy', 'transcribe', 'analyse', 'embed')),
    revision    integer NOT NULL,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'skipped', 'failed')),
    reason      text,
    settled_at  timestamptz,
    PRIMARY KEY (file_id, stage)
);
CREATE INDEX file_stages_pending ON file_stages (stage, file_id) WHERE state = 'pending';

CREATE TABLE jobs (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'failed', 'cancelled')),
    request      jsonb NOT NULL,
    error        text,
    listed_at    timestamptz,              -- every item is known from here on
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    finished_at  timestamptz
);

CREATE TABLE job_items (
    job_id      uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    path_raw    bytea NOT NULL,
    path        text NOT NULL,
    file_id     uuid REFERENCES files ON DELETE SET NULL,
    kind        text,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'skipped', 'failed')),
    reason      text,
    settled_at  timestamptz,
    PRIMARY KEY (job_id, path_raw)
);
CREATE INDEX job_items_pending ON job_items (job_id, path_raw) WHERE state = 'pending';
CREATE INDEX job_items_file ON job_items (file_id);

CREATE TABLE renditions (
    file_id       uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    name          text NOT NULL,           -- proxy, image, thumbnail, audio
    revision      integer NOT NULL,
    key           text NOT NULL,
    content_type  text NOT NULL,
    bytes         bigint NOT NULL,
    width         integer,
    height        integer,
    duration      double precision,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, name)
);

CREATE TABLE shots (
    file_id   uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    revision  integer NOT NULL,
    cuts      double precision[] NOT NULL  -- seconds at which a new shot begins
);

CREATE TABLE transcripts (
    id          uuid PRIMARY KEY,
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision    integer NOT NULL,
    model       text NOT NULL,
    settings    jsonb NOT NULL DEFAULT '{}',
    language    text NOT NULL,
    duration    double precision NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX transcripts_file ON transcripts (file_id, revision);

CREATE TABLE transcript_segments (
    transcript_id  uuid NOT NULL REFERENCES transcripts ON DELETE CASCADE,
    position       integer NOT NULL,
    start_s        double precision NOT NULL,
    end_s          double precision NOT NULL,
    text           text NOT NULL,
    words          jsonb NOT NULL DEFAULT '[]',
    avg_logprob    double precision,
    no_speech      double precision,
    PRIMARY KEY (transcript_id, position)
);

CREATE TABLE analyses (
    id          uuid PRIMARY KEY,
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision    integer NOT NULL,
    model       text NOT NULL,
    version     text NOT NULL,
    result      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX analyses_file ON analyses (file_id, revision);

CREATE TABLE moments (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id   uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision  integer NOT NULL,
    field     text NOT NULL,               -- transcript, chapter, summary, name, ...
    start_s   double precision,
    end_s     double precision,
    text      text NOT NULL,
    words     tsvector GENERATED ALWAYS AS (to_tsvector('simple', text) || to_tsvector('english', text)) STORED
);
CREATE INDEX moments_file ON moments (file_id);
CREATE INDEX moments_words ON moments USING gin (words);

CREATE TABLE embeddings (
    moment_id  bigint NOT NULL REFERENCES moments ON DELETE CASCADE,
    model      text NOT NULL,
    embedding  halfvec NOT NULL,
    PRIMARY KEY (moment_id, model)
);
CREATE INDEX embeddings_minilm ON embeddings USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops)
    WHERE model = 'all-MiniLM-L6-v2';

CREATE TABLE outbox (
    id            uuid PRIMARY KEY,        -- the event's id
    position      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    subject       text NOT NULL,           -- as in the catalogue
    address       text NOT NULL,           -- as published
    key           uuid NOT NULL,           -- the file or job it is about
    revision      integer,
    headers       json NOT NULL,
    body          json NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    published_at  timestamptz,
    sequence      bigint                   -- in the stream
);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE INDEX outbox_key ON outbox (key, subject);

CREATE TABLE inbox (
    consumer    text NOT NULL,
    event_id    uuid NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

CREATE TABLE dead_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer    text NOT NULL,
    event_id    uuid NOT NULL,
    address     text NOT NULL,
    headers     jsonb NOT NULL,
    body        bytea NOT NULL,            -- as it came: it need not be valid
    error       text NOT NULL,
    error_type  text NOT NULL,
    deliveries  integer NOT NULL,
    history     jsonb NOT NULL,
    buried_at   timestamptz NOT NULL DEFAULT now(),
    resent_at   timestamptz,
    UNIQUE (consumer, event_id)
);

CREATE TABLE bus (
    stream      text PRIMARY KEY,
    created_at  text NOT NULL              -- of the stream on the server: another value means that its store was lost
);
