-- Analyses by models that are paid for: what was asked, every paid call, what may be spent, and how fast may be asked.

CREATE TABLE analysis_runs (
    id              uuid PRIMARY KEY,
    file_id         uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    revision        integer NOT NULL,
    job_id          uuid,                      -- as file_stages.run_id: who asked; null on a revision's first way through
    model           text NOT NULL,             -- key of the catalogue; `local` is no model
    model_id        text,                      -- as it is called: an id or an inference profile
    prompt_version  text NOT NULL,             -- or that of the local analyst's rules
    analyses        text[] NOT NULL,
    options         jsonb NOT NULL DEFAULT '{}',
    state           text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'waiting', 'done', 'failed', 'cancelled')),
    reason          text,                      -- why it failed, or what it waits for
    chunks_done     integer NOT NULL DEFAULT 0,
    chunks          integer,                   -- null until the file is looked at
    estimate        jsonb,                     -- as it was told before
    requested_by    text NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz
);
CREATE INDEX analysis_runs_file ON analysis_runs (file_id, started_at DESC);
CREATE INDEX analysis_runs_job ON analysis_runs (job_id) WHERE job_id IS NOT NULL;

ALTER TABLE analyses ADD COLUMN analysis_run_id uuid REFERENCES analysis_runs ON DELETE SET NULL;

CREATE TABLE model_calls (                     -- the ledger: one row per call that may cost money, written before it is made
    id                       uuid PRIMARY KEY,
    question                 text NOT NULL,    -- SHA-256 of content, analysis, prompt version, model and parameters
    purpose                  text NOT NULL CHECK (purpose IN ('analysis', 'repair', 'merge', 'summary', 'embedding', 'query')),
    provider                 text NOT NULL,
    model                    text NOT NULL,    -- key of the catalogue
    model_id                 text NOT NULL,    -- as called
    state                    text NOT NULL DEFAULT 'begun' CHECK (state IN ('begun', 'answered', 'refused', 'lost')),
    file_id                  uuid REFERENCES files ON DELETE SET NULL,
    analysis_run_id          uuid REFERENCES analysis_runs ON DELETE SET NULL,
    requested_by             text NOT NULL,
    estimated_input_tokens   integer NOT NULL DEFAULT 0,
    estimated_output_tokens  integer NOT NULL DEFAULT 0,  -- at most
    usd_reserved             numeric(16, 9) NOT NULL CHECK (usd_reserved >= 0),  -- at most, until the answer says better
    prices_as_of             date NOT NULL,
    request_id               text,             -- as the provider tells it
    input_tokens             integer,
    output_tokens            integer,
    cache_read_tokens        integer,
    cache_write_tokens       integer,
    usd                      numeric(16, 9),   -- what it cost; of a lost one what it may have cost at most, of a refused one 0
    latency_ms               integer,
    stop_reason              text,
    answer                   jsonb,            -- as it came, for as long as it may be needed again
    fault                    text,             -- what kept it from being answered, in one word
    error                    text,             -- the same as a sentence
    begun_at                 timestamptz NOT NULL DEFAULT now(),
    heard_at                 timestamptz NOT NULL DEFAULT now(),  -- the caller's last sign of life
    ended_at                 timestamptz,
    CHECK ((state = 'begun') = (ended_at IS NULL)),
    CHECK (state = 'begun' OR usd IS NOT NULL)
);
CREATE UNIQUE INDEX model_calls_under_way ON model_calls (question) WHERE state = 'begun';  -- nothing is asked twice at once
CREATE INDEX model_calls_faults ON model_calls (question) WHERE fault IS NOT NULL;
CREATE INDEX model_calls_answered ON model_calls (question, ended_at DESC) WHERE state = 'answered' AND answer IS NOT NULL;
CREATE INDEX model_calls_begun ON model_calls (begun_at);
CREATE INDEX model_calls_run ON model_calls (analysis_run_id) WHERE analysis_run_id IS NOT NULL;
CREATE INDEX model_calls_file ON model_calls (file_id) WHERE file_id IS NOT NULL;

CREATE TABLE model_spending (                  -- sums of the ledger, so that a budget is looked up as fast after a million calls
    day           date NOT NULL,               -- of UTC, on which the calls were begun
    requested_by  text NOT NULL,
    usd           numeric(16, 9) NOT NULL,     -- of calls that have ended
    PRIMARY KEY (day, requested_by)
);

CREATE FUNCTION add_to_spending(begun_at timestamptz, requested_by text, usd numeric) RETURNS void LANGUAGE sql AS $$
    INSERT INTO model_spending VALUES ((begun_at AT TIME ZONE 'UTC')::date, requested_by, usd)
    ON CONFLICT ON CONSTRAINT model_spending_pkey DO UPDATE SET usd = model_spending.usd + excluded.usd
$$;

CREATE FUNCTION sum_up_spending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.usd <> 0 THEN
        PERFORM add_to_spending(OLD.begun_at, OLD.requested_by, -OLD.usd);
    END IF;
    IF NEW.usd <> 0 THEN
        PERFORM add_to_spending(NEW.begun_at, NEW.requested_by, NEW.usd);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER model_calls_spending AFTER INSERT OR UPDATE OF usd, begun_at, requested_by ON model_calls
    FOR EACH ROW EXECUTE FUNCTION sum_up_spending();

CREATE TABLE budgets (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    period        text NOT NULL CHECK (period IN ('day', 'month')),  -- of UTC
    requested_by  text,                        -- whose; null for everybody's together
    usd           numeric(12, 4) NOT NULL CHECK (usd >= 0),
    enabled       boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE model_pace (                      -- how fast a model may be asked, by all processes together
    model_id      text PRIMARY KEY,
    spacing_s     double precision NOT NULL DEFAULT 0,  -- between two calls: grows when the provider throttles, shrinks with each answer
    next_at       timestamptz NOT NULL DEFAULT now(),
    throttled_at  timestamptz
);

CREATE TABLE catalogue_refreshes (             -- what a provider said of its models when it was asked last
    provider  text PRIMARY KEY,
    read_at   timestamptz NOT NULL,
    models    jsonb NOT NULL
);
