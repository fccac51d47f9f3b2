-- migrate:up
-- When the player of a screen was given its last lease, to the minute: one that stays away is noticed.
ALTER TABLE publisher.screens ADD COLUMN seen_at timestamptz;

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE publisher.screens DROP COLUMN seen_at;
