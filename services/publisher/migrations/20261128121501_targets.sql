-- migrate:up
-- Where released items are brought by the publisher itself: a portal, a platform, a credit system. An empty list of boards, kinds, regions
-- or operators is all of them. Secrets are encrypted under a key that is not in the database.
CREATE TABLE publisher.targets (
    target_id text PRIMARY KEY CHECK (target_id ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    place text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    channel text NOT NULL,
    address text NOT NULL CHECK (length(address) BETWEEN 1 AND 2000),
    boards text[] NOT NULL DEFAULT '{}',
    kinds text[] NOT NULL DEFAULT '{}',
    regions text[] NOT NULL DEFAULT '{}',
    operators text[] NOT NULL DEFAULT '{}',
    per_minute integer CHECK (per_minute > 0),
    secret bytea NOT NULL,
    former_secret bytea,
    former_until timestamptz,
    key_hash bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'disabled')),
    enqueued_seq bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    registered_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz,
    CHECK ((former_secret IS NULL) = (former_until IS NULL))
);

-- One version of an item on its way to one target. The content is read when it is sent: what was withdrawn meanwhile is not sent.
CREATE TABLE publisher.deliveries (
    target_id text NOT NULL REFERENCES publisher.targets (target_id),
    item_id text NOT NULL,
    version integer NOT NULL,
    release_seq bigint NOT NULL REFERENCES publisher.releases (release_seq),
    kind text NOT NULL CHECK (kind IN ('released', 'corrected', 'withdrawn')),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'superseded', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    first_attempt_at timestamptz,
    delivered_at timestamptz,
    PRIMARY KEY (target_id, item_id, version)
) WITH (fillfactor = 85);

CREATE INDEX deliveries_due ON publisher.deliveries (target_id, due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_of_item ON publisher.deliveries (item_id, version);

-- What was tried, for the target's own people; kept for a fortnight.
CREATE TABLE publisher.delivery_attempts (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target_id text NOT NULL REFERENCES publisher.targets (target_id),
    message_id text NOT NULL,
    attempted_at timestamptz NOT NULL,
    status integer,
    error text,
    milliseconds integer NOT NULL
);

CREATE INDEX delivery_attempts_of_target ON publisher.delivery_attempts (target_id, attempt_id DESC);
CREATE INDEX delivery_attempts_by_time ON publisher.delivery_attempts (attempted_at);

-- migrate:down
DROP TABLE publisher.delivery_attempts;
DROP TABLE publisher.deliveries;
DROP TABLE publisher.targets;
