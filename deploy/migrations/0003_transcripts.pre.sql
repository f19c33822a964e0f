-- Several transcripts per file, doubts, edits and locks.
ALTER TABLE transcripts ADD COLUMN source text NOT NULL DEFAULT 'speech' CHECK (source IN ('speech', 'import')),  -- heard by a model, or handed in
  ADD COLUMN task text NOT NULL DEFAULT 'transcribe' CHECK (task IN ('transcribe', 'translate')),
  ADD COLUMN name text,                       -- an imported one's file name
  ADD COLUMN chosen boolean NOT NULL DEFAULT false; -- a person's choice overrides the rule
CREATE UNIQUE INDEX transcripts_chosen ON transcripts (file_id, revision) WHERE chosen;
ALTER TABLE transcript_segments ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(), ADD COLUMN speaker text,
  ADD COLUMN doubts jsonb NOT NULL DEFAULT '[]',    -- [{"kind": "repetition", "reason": "sentence"}]
  ADD COLUMN compression_ratio double precision, ADD COLUMN temperature double precision,
  ADD COLUMN locked boolean NOT NULL DEFAULT false; -- edited by a person: no re-transcription changes it
CREATE UNIQUE INDEX transcript_segments_id ON transcript_segments (id);
CREATE TABLE transcript_edits (id uuid PRIMARY KEY, transcript_id uuid NOT NULL REFERENCES transcripts ON DELETE CASCADE, segment_id uuid NOT NULL,
  action text NOT NULL, before jsonb, after jsonb, author text, edited_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX transcript_edits_history ON transcript_edits (transcript_id, id);
