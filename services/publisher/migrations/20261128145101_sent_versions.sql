-- migrate:up
-- When a version first may have reached its target: stored before it is sent, and taken back where nothing left the house.
ALTER TABLE publisher.deliveries ADD COLUMN sent_at timestamptz;
UPDATE publisher.deliveries SET sent_at = coalesce(first_attempt_at, delivered_at) WHERE attempts > 0 OR delivered_at IS NOT NULL;

-- migrate:down
-- squawk-ignore ban-drop-column
ALTER TABLE publisher.deliveries DROP COLUMN sent_at;
