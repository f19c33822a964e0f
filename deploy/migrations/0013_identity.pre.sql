-- Who may ask, and how they show who they are. Whatever opens a door is kept as a hash: who reads these tables cannot use them.

CREATE TABLE people (
    id             uuid PRIMARY KEY,
    -- What ledgers, edits and the audit log keep of a person, so it never changes; in small letters, so that no two look
    -- alike. `nobody` is who is not known, `local` what services do by themselves.
    name           text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@+-]{0,99}$' AND name NOT IN ('nobody', 'local')),
    display_name   text NOT NULL CHECK (display_name <> ''),
    email          text,
    role           text NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    password_hash  text CHECK (password_hash LIKE '$argon2id$%'), -- with its parameters; null for who signs in elsewhere only
    issuer         text,                       -- who vouches for a person that signs in elsewhere,
    subject        text,                       -- and as whom
    created_at     timestamptz NOT NULL DEFAULT now(),
    disabled_at    timestamptz,                -- people are never deleted: what they did has their name
    last_seen_at   timestamptz,
    version        integer NOT NULL DEFAULT 1, -- of what people have set
    UNIQUE (issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL))
);

CREATE TABLE sessions (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES people,
    token_hash    bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32), -- SHA-256; 256 random bits need no slow hash
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz NOT NULL DEFAULT now(), -- noted at most once a minute
    expires_at    timestamptz NOT NULL,        -- however much it is used
    ended_at      timestamptz,
    address       text,                        -- where it was begun, and by what, for the person to know it again
    user_agent    text
);
CREATE INDEX sessions_person ON sessions (person_id, created_at);

CREATE TABLE api_keys (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES people,
    name          text NOT NULL CHECK (name <> ''),
    prefix        text NOT NULL UNIQUE CHECK (prefix ~ '^[A-Za-z0-9]{8}$'), -- by which people know it again in lists
    key_hash      bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32), -- SHA-256 of the whole key
    scopes        text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'write', 'spend', 'manage']),
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,                 -- null for never, which is asked for by name
    revoked_at    timestamptz,
    last_used_at  timestamptz
);
CREATE INDEX api_keys_person ON api_keys (person_id, created_at);

-- Kept here and not in a process: the wait holds whichever gateway is asked, and after a restart.
CREATE TABLE sign_in_failures (
    kind           text NOT NULL CHECK (kind IN ('pair', 'address', 'name')),
    who            bytea NOT NULL CHECK (octet_length(who) = 32), -- SHA-256: people type passwords where names belong
    failures       integer NOT NULL,
    failed_at      timestamptz NOT NULL,
    blocked_until  timestamptz NOT NULL,
    PRIMARY KEY (kind, who)
);
CREATE INDEX sign_in_failures_age ON sign_in_failures (failed_at);

-- What the gateway signs with; every gateway of an installation has the same.
CREATE TABLE signing_keys (
    name        text PRIMARY KEY,
    secret      bytea NOT NULL CHECK (octet_length(secret) >= 32),
    created_at  timestamptz NOT NULL DEFAULT now()
);
