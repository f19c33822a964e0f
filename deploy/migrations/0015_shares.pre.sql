-- Share links to files and to spans of them, and the clips that are cut for spans.

CREATE TABLE clips (
    key         text PRIMARY KEY,          -- in the object store; follows from the content and the span
    job_id      uuid NOT NULL UNIQUE REFERENCES jobs,  -- of kind `clip`: how far it is, and why it failed
    file_id     uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision    integer NOT NULL,
    starts      double precision NOT NULL, -- seconds of the file
    ends        double precision NOT NULL,
    bytes       bigint,                    -- null until it is cut
    made_at     timestamptz,
    CHECK (starts < ends)
);
CREATE INDEX clips_file ON clips (file_id);

CREATE TABLE shares (
    id               uuid PRIMARY KEY,
    file_id          uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision         integer NOT NULL,     -- of the content that is shared: what takes its place is not
    starts           double precision,     -- seconds of the file; null for the whole of it
    ends             double precision,
    clip_key         text,                 -- a clip that is swept is cut again when it is wanted again
    label            text NOT NULL,
    allow_download   boolean NOT NULL,
    with_transcript  boolean NOT NULL,
    asked            jsonb NOT NULL,       -- as it was asked for first, which the same Idempotency-Key must repeat
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL,
    revoked_at       timestamptz,
    uses             bigint NOT NULL DEFAULT 0,
    used_at          timestamptz,
    CHECK ((starts IS NULL) = (ends IS NULL) AND (starts IS NULL) = (clip_key IS NULL)),
    CHECK (starts < ends)
);
CREATE INDEX shares_file ON shares (file_id);
CREATE INDEX shares_recent ON shares (created_at DESC, id DESC);
CREATE INDEX shares_clip ON shares (clip_key) WHERE clip_key IS NOT NULL;
