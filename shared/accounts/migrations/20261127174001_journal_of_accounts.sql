-- migrate:up
-- Who added, disabled or gave a new password to whom: as the journals of the services, in a chain of its own.
CREATE TABLE accounts.journal (
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
DROP TABLE accounts.journal;
