-- migrate:up
CREATE TABLE accounts.people (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{1,62}$'),
    display_name text NOT NULL CHECK (display_name <> ''),
    role text NOT NULL CHECK (role IN ('clerk', 'reviewer', 'gatekeeper', 'officer', 'operator', 'ops', 'auditor')),
    password_hash text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE accounts.sessions (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    person text NOT NULL REFERENCES accounts.people (name) ON DELETE CASCADE,
    opened_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CHECK (expires_at > opened_at)
);

CREATE INDEX sessions_expiry ON accounts.sessions (expires_at);

CREATE TABLE accounts.failures (
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX failures_recent ON accounts.failures (name, at);

-- migrate:down
DROP TABLE accounts.failures;
DROP TABLE accounts.sessions;
DROP TABLE accounts.people;
