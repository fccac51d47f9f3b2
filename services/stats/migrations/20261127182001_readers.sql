-- migrate:up
-- Who may read figures that are not released, beside the staff: programs with a key, of which only the hash is kept.
CREATE TABLE stats.readers (
    name text PRIMARY KEY CHECK (name <> ''),
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE stats.readers;
