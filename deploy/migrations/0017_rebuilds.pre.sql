-- Ids of moments follow from their file and their place in it, so that they are the same when the tables of search are made anew:
-- `files.number` in front, the place in the last 20 bits. Those that are there keep theirs, and the numbers begin above them.
DO $$ BEGIN
    EXECUTE format('ALTER TABLE files ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY (START WITH %s) UNIQUE',
                   (SELECT (coalesce(max(id), 0) >> 20) + 1 FROM moments));
END $$;
