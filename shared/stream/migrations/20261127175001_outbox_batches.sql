-- migrate:up
-- A row holds all messages of one transaction for one topic, in order, as one compressed value; a row of before holds one
-- message in its columns, and is sent as it was.
-- squawk-ignore ban-drop-not-null
ALTER TABLE outbox ALTER COLUMN headers DROP NOT NULL;
ALTER TABLE outbox
    ADD COLUMN messages integer NOT NULL DEFAULT 1,
    ADD COLUMN batch bytea,
    ADD CONSTRAINT outbox_messages CHECK (messages > 0) NOT VALID,
    ADD CONSTRAINT outbox_form CHECK ((batch IS NULL) = (headers IS NOT NULL)) NOT VALID;
-- What is compressed already is not compressed again.
ALTER TABLE outbox ALTER COLUMN batch SET STORAGE EXTERNAL;
ALTER TABLE outbox SET (
    autovacuum_vacuum_threshold = 1000,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 20000
);

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE outbox DROP COLUMN batch, DROP COLUMN messages;
DELETE FROM outbox WHERE headers IS NULL;
-- squawk-ignore adding-not-nullable-field
ALTER TABLE outbox ALTER COLUMN headers SET NOT NULL;
