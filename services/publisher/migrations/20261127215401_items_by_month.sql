-- migrate:up
-- The month of a basic item is the beginning of its natural key: the desk works on months as batches.
CREATE INDEX basic_items_by_month ON publisher.items (left(natural_key, 7)) WHERE board = 'basic';

-- migrate:down
DROP INDEX publisher.basic_items_by_month;
