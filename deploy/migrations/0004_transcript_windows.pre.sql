-- What a transcription under way has finished, so that a killed worker's successor goes on from there.
-- No table knows the transcript yet: its row comes when all of it is done, and these go then.

CREATE TABLE transcript_windows (
    transcript_id  uuid NOT NULL,
    position       integer NOT NULL,
    file_id        uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision       integer NOT NULL,
    start_s        double precision NOT NULL,
    end_s          double precision NOT NULL,   -- where the next one begins, to the sample
    language       text,                        -- null where nobody speaks
    segments       jsonb NOT NULL,
    heard_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (transcript_id, position)
);
CREATE INDEX transcript_windows_file ON transcript_windows (file_id);

-- The best transcript of a file is one with edits, if there is one.
CREATE INDEX transcript_segments_locked ON transcript_segments (transcript_id) WHERE locked;
