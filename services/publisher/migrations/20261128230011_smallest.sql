-- migrate:up
-- The smallest number but zero that was said of a restated figure since the close; what a small cell was once, it stays.
ALTER TABLE publisher.figures ADD COLUMN smallest integer;

-- migrate:down
ALTER TABLE publisher.figures DROP COLUMN smallest;
