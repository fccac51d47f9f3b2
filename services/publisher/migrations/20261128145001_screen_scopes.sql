-- migrate:up
-- Where at its place a screen hangs, and which items it shows: of these boards and operators, all where a list is empty.
ALTER TABLE publisher.screens
    ADD COLUMN spot text NOT NULL DEFAULT '',
    ADD COLUMN boards text[] NOT NULL DEFAULT '{}',
    ADD COLUMN operators text[] NOT NULL DEFAULT '{}';

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE publisher.screens
    DROP COLUMN spot,
    DROP COLUMN boards,
    DROP COLUMN operators;
