-- Uploads: originals that people send, on their way into the library. Each is a job of kind `upload`.

CREATE TABLE uploads (
    id             uuid PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
    name           text NOT NULL,          -- as it will be called: no folders, nothing that a file system refuses
    object_key     text NOT NULL UNIQUE,
    multipart_id   text NOT NULL,          -- what the object store calls it until its parts are joined
    size           bigint CHECK (size > 0),  -- bytes; null for a stream that has not ended
    part_size      bigint NOT NULL,        -- of every part but the last
    last_modified  bigint,                 -- milliseconds since 1970, as browsers tell it; null for a stream
    state          text NOT NULL DEFAULT 'open'
                   CHECK (state IN ('open', 'completed', 'stored', 'duplicate', 'rejected', 'failed', 'aborted', 'expired')),
    note           text,                   -- what became of it, in words
    file_id        uuid REFERENCES files ON DELETE SET NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL    -- put off by every sign of life
);
CREATE UNIQUE INDEX uploads_open ON uploads (name, size, last_modified, part_size) WHERE state = 'open';

CREATE UNIQUE INDEX files_object_key ON files (object_key) WHERE object_key IS NOT NULL;
