-- migrate:up
-- The standard tables of the stream core, made once in each service's own schema (search_path names it).

CREATE TABLE positions (
    topic text NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    next_offset bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
    epoch bigint NOT NULL DEFAULT 1,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, part)
) WITH (fillfactor = 50);

CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    part integer NOT NULL,
    at_offset bigint NOT NULL,
    key bytea,
    headers jsonb NOT NULL,
    value bytea,
    reason text NOT NULL CHECK (reason IN (
        'undecodable', 'invalid', 'unknown_type', 'conflict', 'redaction_failed', 'rejected_by_store', 'unprocessable'
    )),
    detail jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz,
    UNIQUE (topic, part, at_offset)
);

CREATE INDEX dead_letters_waiting ON dead_letters (id) WHERE replayed_at IS NULL;

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    headers bytea NOT NULL,
    value bytea
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE journal (
    seq bigint PRIMARY KEY CHECK (seq > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    before_digest bytea,
    after_digest bytea,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32)
);

-- migrate:down
DROP TABLE journal;
DROP TABLE outbox;
DROP TABLE dead_letters;
DROP TABLE positions;
