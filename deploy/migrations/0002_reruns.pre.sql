-- A stage can run again for the same revision: for a job, or for an edit.

ALTER TABLE file_stages
    ADD COLUMN run_id uuid,                  -- what had the stage run again; null on a revision's first way through
    ADD COLUMN prior  jsonb;                 -- what the stage was before that, while it is pending

ALTER TABLE outbox ADD COLUMN run_id uuid;

CREATE UNLOGGED TABLE stage_work (           -- what workers do right now; only as good as its latest sign of life
    file_id     uuid NOT NULL,
    stage       text NOT NULL,
    done        double precision NOT NULL,   -- seconds of media
    total       double precision,
    started_at  timestamptz NOT NULL DEFAULT now(),
    heard_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, stage)
);

ALTER TABLE files
    ADD COLUMN missing_since timestamptz,    -- when its path was found to be gone
    ADD COLUMN object_key    text;           -- of an original that lies in the object store: an upload

ALTER TABLE renditions ADD COLUMN recipe text NOT NULL DEFAULT '';  -- what it was made with

ALTER TABLE jobs DROP CONSTRAINT jobs_state_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_state_check
    CHECK (state IN ('pending', 'running', 'reported', 'done', 'failed', 'cancelled'));
CREATE INDEX jobs_recent ON jobs (created_at DESC);

ALTER TABLE job_items
    ADD COLUMN size   bigint,                -- bytes of the file
    ADD COLUMN change text;                  -- what a scan found: new, moved, changed, missing, ...
