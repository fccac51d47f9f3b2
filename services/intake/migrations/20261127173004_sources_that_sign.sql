-- migrate:up
-- A source that signs: what comes over Kafka in its name, or in one below it, is taken with the signature of its key only.
ALTER TABLE intake.sources ADD COLUMN signs boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE intake.sources DROP COLUMN signs;
