-- Who did what: the audit log, and the name of whoever began a job or watches a folder.

ALTER TABLE jobs ADD COLUMN asked_by text;          -- a person's name; null in rows from before there were people
ALTER TABLE watches ADD COLUMN asked_by text;       -- likewise; what is taken in from the folder is asked for by the same

CREATE INDEX dead_letters_resent_as ON dead_letters (resent_as) WHERE resent_as IS NOT NULL;

CREATE TABLE audit_log (                            -- one row per request that changes something, written before it is carried out
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    actor         text NOT NULL,                    -- a person's name; 'nobody' for who showed neither session nor key
    person_id     uuid,                             -- refers to no table: an entry outlives everything
    means         text NOT NULL,
    means_id      uuid,                             -- of the session or the key
    method        text NOT NULL,
    route         text NOT NULL,                    -- as the route is declared
    path_params   jsonb NOT NULL DEFAULT '{}',
    query         jsonb NOT NULL DEFAULT '{}',
    body          jsonb,                            -- JSON without its secrets; null if it was large, or no JSON
    body_bytes    bigint,
    body_sha256   text,                             -- of one that was too large to keep
    noted         jsonb NOT NULL DEFAULT '{}',      -- what the route adds: the job that it began, the price that was agreed to
    about         uuid[] NOT NULL DEFAULT '{}',     -- ids that stand in any of these
    request_id    text,
    address       text,
    user_agent    text,
    status        smallint,
    ended_at      timestamptz,                      -- null while it is carried out, and for ever if the process was killed meanwhile
    times         integer NOT NULL DEFAULT 1,       -- refused requests of one minute are counted in one row
    counted_as    text
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (actor, id);
CREATE INDEX audit_log_about ON audit_log USING gin (about);
CREATE INDEX audit_log_nobody ON audit_log (at) WHERE means = 'nothing';
CREATE UNIQUE INDEX audit_log_counted ON audit_log (counted_as) WHERE counted_as IS NOT NULL;
