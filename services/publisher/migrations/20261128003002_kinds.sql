-- migrate:up
-- The kind of an item that an office drafts at the desk; items that are drafted from figures and complaints have none.
ALTER TABLE publisher.items ADD COLUMN kind text;
CREATE INDEX items_by_kind ON publisher.items (kind, drafted_at DESC, item_id DESC) WHERE kind IS NOT NULL;

-- migrate:down
DROP INDEX publisher.items_by_kind;
ALTER TABLE publisher.items DROP COLUMN kind;
