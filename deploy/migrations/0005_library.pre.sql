-- Imports and rescans: what a look at the disk found, until it is applied; and copies, which are no files of their own.

ALTER TABLE jobs
    ADD COLUMN phase    text CHECK (phase IN ('scanning', 'reported', 'applying', 'done')),
    ADD COLUMN progress jsonb NOT NULL DEFAULT '{}';  -- what has no rows to be counted by: paths listed, files unchanged

ALTER TABLE job_items ADD COLUMN from_path text;      -- where the file was, or what it is a copy of

CREATE TABLE findings (                               -- what an inspected file turned out to be; gone when the job has ended
    job_id       uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    path_raw     bytea NOT NULL,
    size         bigint NOT NULL,
    modified_ns  bigint NOT NULL,
    fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 32),
    description  jsonb NOT NULL,
    found_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, path_raw)
);
CREATE INDEX findings_fingerprint ON findings (job_id, fingerprint);

CREATE TABLE file_copies (                            -- other places of a file's content
    path_raw     bytea PRIMARY KEY,
    path         text NOT NULL,
    file_id      uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    size         bigint NOT NULL,
    modified_ns  bigint NOT NULL,
    found_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_copies_file ON file_copies (file_id);

CREATE INDEX file_stages_failed ON file_stages (file_id) WHERE state = 'failed';

-- The place of a missing file can be taken by another, so that only files that are there have places of their own.
CREATE UNIQUE INDEX files_place ON files (path_raw) WHERE missing_since IS NULL;
CREATE INDEX files_path ON files (path_raw);
ALTER TABLE files DROP CONSTRAINT files_path_raw_key;
