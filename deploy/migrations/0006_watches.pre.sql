-- Folders that the ingest service watches: what changes there is taken in by itself.

CREATE TABLE watches (
    id              uuid PRIMARY KEY,
    path            text NOT NULL,             -- as shown to people
    path_raw        bytea NOT NULL UNIQUE,     -- as the file system has it
    recursive       boolean NOT NULL DEFAULT true,
    settle_seconds  double precision NOT NULL DEFAULT 10 CHECK (settle_seconds > 0),
    poll            text NOT NULL DEFAULT 'auto' CHECK (poll IN ('auto', 'events', 'polling')),
    enabled         boolean NOT NULL DEFAULT true,
    state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'events', 'polling', 'away')),
    reason          text,                      -- why it is away, or polls although it was to be told of changes
    looked_at       timestamptz,               -- the service's last sign of life for this folder
    changed_at      timestamptz,               -- when something in it last had to be taken in
    job_id          uuid REFERENCES jobs ON DELETE SET NULL, -- the rescan that was asked for last
    created_at      timestamptz NOT NULL DEFAULT now()
);
