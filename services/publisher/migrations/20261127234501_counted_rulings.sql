-- migrate:up
-- Rulings that the figures follow by now: where they change nothing of an item, its review ends. Figures and rulings come by two
-- topics, so either may be first.
CREATE TABLE publisher.counted_rulings (
    ruling_id uuid PRIMARY KEY
);

-- migrate:down
DROP TABLE publisher.counted_rulings;
