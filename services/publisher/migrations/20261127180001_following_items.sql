-- migrate:up
-- The withdrawn item in whose place an item was drafted.
ALTER TABLE publisher.items ADD COLUMN follows text;
ALTER TABLE publisher.items ADD CONSTRAINT items_follow FOREIGN KEY (follows) REFERENCES publisher.items (item_id) NOT VALID;
ALTER TABLE publisher.items VALIDATE CONSTRAINT items_follow;

-- migrate:down
ALTER TABLE publisher.items DROP COLUMN follows;
