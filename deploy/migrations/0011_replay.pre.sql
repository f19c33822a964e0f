-- Replay: what the log is asked for, and what becomes of dead letters.

CREATE INDEX outbox_subject ON outbox (subject, position);
CREATE INDEX outbox_run ON outbox (run_id, position) WHERE run_id IS NOT NULL;
CREATE INDEX outbox_times ON outbox USING brin (created_at, sequence) WITH (autosummarize = on);

ALTER TABLE dead_letters
    ADD COLUMN edited     bytea,             -- the body as a person has put it right, which is sent in its place
    ADD COLUMN edited_at  timestamptz,
    ADD COLUMN edited_by  text,
    ADD COLUMN resent_by  text,
    ADD COLUMN resent_as  uuid;              -- id of the event as it was sent again last: the inbox says whether it was applied
