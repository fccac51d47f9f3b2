-- migrate:up
-- The keys of sources, as SHA-256: several at once, so that a key can be changed without a gap; each may have an end.
CREATE TABLE intake.source_keys (
    key_hash bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    source_id bigint NOT NULL REFERENCES intake.sources (source_id),
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    last_used_at timestamptz
);

CREATE INDEX source_keys_of_source ON intake.source_keys (source_id);

INSERT INTO intake.source_keys (key_hash, source_id, made_at)
SELECT key_hash, source_id, registered_at FROM intake.sources WHERE key_hash IS NOT NULL;

ALTER TABLE intake.sources DROP COLUMN key_hash;

-- migrate:down
ALTER TABLE intake.sources ADD COLUMN key_hash bytea;
UPDATE intake.sources AS s
   SET key_hash = (SELECT k.key_hash FROM intake.source_keys AS k WHERE k.source_id = s.source_id ORDER BY k.made_at DESC LIMIT 1);
DROP TABLE intake.source_keys;
