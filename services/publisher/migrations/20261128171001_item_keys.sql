-- migrate:up
-- Programs of drafting offices that submit items: what they submit are drafts, and never more.
CREATE TABLE publisher.item_keys (
    key_hash bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    office text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz
);

-- migrate:down
DROP TABLE publisher.item_keys;
