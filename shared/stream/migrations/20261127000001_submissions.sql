-- migrate:up
-- A refused event of an entrance other than Kafka is a dead letter too: it has no position. While one waits, the same bytes
-- sent again make no second one: `digest` is set for these only.
-- squawk-ignore ban-drop-not-null
ALTER TABLE dead_letters ALTER COLUMN part DROP NOT NULL;
-- squawk-ignore ban-drop-not-null
ALTER TABLE dead_letters ALTER COLUMN at_offset DROP NOT NULL;
ALTER TABLE dead_letters
    ADD COLUMN entrance text NOT NULL DEFAULT 'kafka',
    ADD COLUMN digest bytea,
    ADD CONSTRAINT dead_letters_position CHECK (
        (entrance = 'kafka') = (part IS NOT NULL AND at_offset IS NOT NULL) AND (entrance = 'kafka') = (digest IS NULL)
    ) NOT VALID;

CREATE UNIQUE INDEX dead_letters_submitted ON dead_letters (digest) WHERE replayed_at IS NULL;

-- migrate:down
DROP INDEX dead_letters_submitted;
DELETE FROM dead_letters WHERE entrance <> 'kafka';
-- squawk-ignore ban-drop-constraint
ALTER TABLE dead_letters DROP CONSTRAINT dead_letters_position;
-- squawk-ignore ban-drop-column
ALTER TABLE dead_letters DROP COLUMN digest;
-- squawk-ignore ban-drop-column
ALTER TABLE dead_letters DROP COLUMN entrance;
-- squawk-ignore adding-not-nullable-field
ALTER TABLE dead_letters ALTER COLUMN part SET NOT NULL;
-- squawk-ignore adding-not-nullable-field
ALTER TABLE dead_letters ALTER COLUMN at_offset SET NOT NULL;
