-- What people sort files by: tags, collections, and searches that are kept.

CREATE TABLE tags (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,                 -- as shown to people
    key         text NOT NULL UNIQUE,          -- the same for names that differ only in case
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE file_tags (
    tag_id    uuid NOT NULL REFERENCES tags ON DELETE CASCADE,
    file_id   uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    added_by  text NOT NULL,
    added_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tag_id, file_id)
);
CREATE INDEX file_tags_file ON file_tags (file_id);

CREATE TABLE collections (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    key          text NOT NULL UNIQUE,
    description  text NOT NULL DEFAULT '',
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()  -- when it was last named, described, or given or rid of files
);

CREATE TABLE collection_files (
    collection_id  uuid NOT NULL REFERENCES collections ON DELETE CASCADE,
    file_id        uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    position       bigint GENERATED ALWAYS AS IDENTITY,  -- in the order in which files were added
    added_by       text NOT NULL,
    added_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, file_id)
);
CREATE UNIQUE INDEX collection_files_position ON collection_files (collection_id, position);
CREATE INDEX collection_files_file ON collection_files (file_id);

CREATE TABLE saved_searches (
    id          uuid PRIMARY KEY,
    owner       text NOT NULL,
    name        text NOT NULL,
    key         text NOT NULL,
    shared      boolean NOT NULL DEFAULT false,  -- else only its owner and administrators see it
    query       text NOT NULL,                   -- the part of the URL of GET /api/search after the question mark
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, key)
);
