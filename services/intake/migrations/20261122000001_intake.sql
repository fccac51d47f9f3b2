-- migrate:up
-- A source is registered by command with a key for HTTP, or when it is seen for the first time on Kafka.
CREATE TABLE intake.sources (
    source_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    key_hash bytea UNIQUE CHECK (octet_length(key_hash) = 32),
    registered_by text NOT NULL CHECK (registered_by IN ('command', 'kafka', 'http', 'file', 'desk')),
    registered_at timestamptz NOT NULL DEFAULT now()
);

-- Operators whose unified social credit code was given with a report.
CREATE TABLE intake.operators (
    operator_key text PRIMARY KEY,
    uscc text NOT NULL UNIQUE,
    name text NOT NULL,
    address text,
    scope text,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    CHECK (uscc = operator_key)
);

-- Every name that was reported, and who claimed it with a credit code. One claimant: the name stands for it. None, or two
-- (a third would say nothing more): the name stands for nobody, and its complaints keep the provisional key of the name.
CREATE TABLE intake.operator_names (
    name_key text PRIMARY KEY,
    name text NOT NULL,
    claimed_by text[] NOT NULL DEFAULT '{}' CHECK (cardinality(claimed_by) <= 2)
) WITH (fillfactor = 80);

-- One row per complaint: how far its source has come, and the revision that was last said about it. `name_key` is set where
-- the operator was found by name, so that the complaint follows when the name is claimed. `operator_key` has no foreign key:
-- provisional keys have no operator, and the check would cost the hot path a look-up per row.
CREATE TABLE intake.complaints (
    complaint_id uuid PRIMARY KEY,
    source_id bigint NOT NULL REFERENCES intake.sources (source_id),
    external_id text NOT NULL,
    source_revision integer NOT NULL CHECK (source_revision > 0),
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 16),
    ever_accepted boolean NOT NULL,
    withheld boolean NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    operator_key text NOT NULL,
    name_key text,
    payload bytea NOT NULL,
    revised_at timestamptz NOT NULL,
    UNIQUE (source_id, external_id)
) WITH (fillfactor = 85);

CREATE INDEX complaints_by_name ON intake.complaints (name_key) WHERE name_key IS NOT NULL;
CREATE INDEX complaints_unattributed ON intake.complaints (name_key) WHERE operator_key LIKE 'N-%';

-- What came in, counted by day, entrance, channel and result; the desk shows it without counting complaints.
CREATE TABLE intake.arrivals (
    day date NOT NULL,
    entrance text NOT NULL CHECK (entrance IN ('kafka', 'http', 'file', 'desk')),
    channel text NOT NULL,
    result text NOT NULL CHECK (result IN ('accepted', 'duplicate', 'refused')),
    reports bigint NOT NULL CHECK (reports > 0),
    PRIMARY KEY (day, entrance, channel, result)
) WITH (fillfactor = 50);

CREATE INDEX dead_letters_by_reason ON intake.dead_letters (reason) WHERE replayed_at IS NULL;

-- migrate:down
DROP INDEX intake.dead_letters_by_reason;
DROP TABLE intake.arrivals;
DROP TABLE intake.complaints;
DROP TABLE intake.operator_names;
DROP TABLE intake.operators;
DROP TABLE intake.sources;
