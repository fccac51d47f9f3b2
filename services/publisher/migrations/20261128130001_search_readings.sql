-- migrate:up
-- Where LC_CTYPE of the database is C, pg_trgm finds no trigram in Chinese text, and says nothing: the search would find nothing.
DO $$
BEGIN
    IF cardinality(public.show_trgm('投诉公示')) = 0 THEN
        RAISE EXCEPTION 'pg_trgm finds nothing in Chinese text: make the database with LC_CTYPE C.UTF-8 or another of UTF-8';
    END IF;
END $$;

-- How an operator's name is read (pinyin, initials) and the names that it was published under before, as the search compares them.
-- The service fills them when it starts; until then an operator is found by its present name and code.
ALTER TABLE publisher.public_operators ADD COLUMN search_readings text;
ALTER TABLE publisher.public_operators ADD COLUMN former_names text[] NOT NULL DEFAULT '{}';
CREATE INDEX public_operators_search_readings ON publisher.public_operators USING gin (search_readings public.gin_trgm_ops);
CREATE INDEX public_operators_without_readings ON publisher.public_operators (key) WHERE search_readings IS NULL;

-- migrate:down
DROP INDEX publisher.public_operators_without_readings;
DROP INDEX publisher.public_operators_search_readings;
ALTER TABLE publisher.public_operators DROP COLUMN former_names;
ALTER TABLE publisher.public_operators DROP COLUMN search_readings;
