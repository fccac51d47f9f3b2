-- migrate:up
-- What lists without revision numbers have shown of a complaint: as of when, how far it had come then, and the hashes of its
-- contents (16 bytes each, oldest first), so that an older list is known for one.
CREATE TABLE intake.listings (
    source_id bigint NOT NULL REFERENCES intake.sources (source_id),
    external_id text NOT NULL,
    listed_at timestamptz NOT NULL,
    latest timestamptz NOT NULL,
    progress bigint NOT NULL CHECK (progress BETWEEN 0 AND 4),
    contents bytea NOT NULL CHECK (octet_length(contents) % 16 = 0 AND octet_length(contents) > 0),
    PRIMARY KEY (source_id, external_id)
) WITH (fillfactor = 85);

-- migrate:down
DROP TABLE intake.listings;
