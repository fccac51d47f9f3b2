-- migrate:up
-- Withdrawals that the topic has told a second time, so that the records that they replace are compacted away.
CREATE TABLE publisher.repeated_withdrawals (
    release_seq bigint PRIMARY KEY REFERENCES publisher.releases (release_seq),
    repeated_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE publisher.repeated_withdrawals;
