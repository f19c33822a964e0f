-- Batches and reconciliation: what is asked of these tables for many rows at once.

CREATE INDEX renditions_key ON renditions (key);           -- which rendition an object is
CREATE INDEX file_stages_run ON file_stages (run_id, stage) WHERE run_id IS NOT NULL;  -- what a job has handed out

ALTER TABLE stage_work ADD COLUMN begun_with double precision NOT NULL DEFAULT 0;  -- seconds that an earlier worker had done
