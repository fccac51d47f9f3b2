-- migrate:up
-- What the search compares: names and words without width, brackets of their own, invisible characters, spaces and case. The service
-- fills the columns of older rows when it starts; until then they are found by nothing.
ALTER TABLE publisher.public_operators ADD COLUMN search_name text;
ALTER TABLE publisher.public_items ADD COLUMN search_words text;
DROP INDEX publisher.public_operators_name;
DROP INDEX publisher.public_items_words;
CREATE INDEX public_operators_search_name ON publisher.public_operators USING gin (search_name public.gin_trgm_ops);
-- Basic items are found by their operator; their words say nothing else.
CREATE INDEX public_items_search_words ON publisher.public_items USING gin (search_words public.gin_trgm_ops)
 WHERE state <> 'withdrawn' AND board <> 'basic';
CREATE INDEX public_operators_without_search_name ON publisher.public_operators (key) WHERE search_name IS NULL;
CREATE INDEX public_items_without_search_words ON publisher.public_items (item_id) WHERE search_words IS NULL;

-- migrate:down
DROP INDEX publisher.public_items_without_search_words;
DROP INDEX publisher.public_operators_without_search_name;
DROP INDEX publisher.public_items_search_words;
DROP INDEX publisher.public_operators_search_name;
CREATE INDEX public_operators_name ON publisher.public_operators USING gin (name public.gin_trgm_ops);
CREATE INDEX public_items_words ON publisher.public_items USING gin (words public.gin_trgm_ops)
 WHERE state <> 'withdrawn' AND board <> 'basic';
ALTER TABLE publisher.public_items DROP COLUMN search_words;
ALTER TABLE publisher.public_operators DROP COLUMN search_name;
