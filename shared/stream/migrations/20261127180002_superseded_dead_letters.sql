-- migrate:up
-- A later report of the same key was accepted: the dead letter is settled, and must not be replayed over it.
ALTER TABLE dead_letters ADD COLUMN superseded_at timestamptz;

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE dead_letters DROP COLUMN superseded_at;
