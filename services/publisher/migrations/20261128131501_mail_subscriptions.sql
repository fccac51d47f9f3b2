-- migrate:up
-- Subscriptions by mail. An address is encrypted under a key that is not in the database; its digest, made with that key, tells one from
-- another. Until the person confirms it nothing but the question is sent, and what nobody confirms is deleted after two days.
CREATE TABLE publisher.mail_subscriptions (
    address_digest bytea NOT NULL CHECK (octet_length(address_digest) = 32),
    subject text NOT NULL,
    address bytea NOT NULL,
    language text NOT NULL CHECK (language IN ('zh', 'en')),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    token bytea NOT NULL,
    requested_at timestamptz NOT NULL,
    asked_at timestamptz,
    confirmed_at timestamptz,
    sent_seq bigint NOT NULL DEFAULT 0,
    sent_at timestamptz,
    PRIMARY KEY (address_digest, subject)
);

CREATE INDEX mail_subscriptions_waiting ON publisher.mail_subscriptions (requested_at) WHERE confirmed_at IS NULL;

-- migrate:down
DROP TABLE publisher.mail_subscriptions;
