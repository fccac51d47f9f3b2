-- migrate:up
-- Notes of officers on an application, for officers only, and whom it was handed over to; the newest of these handles it.
CREATE TABLE corrections.case_notes (
    application_id uuid NOT NULL REFERENCES corrections.applications (application_id),
    number integer NOT NULL CHECK (number > 0),
    written_by text NOT NULL,
    written_at timestamptz NOT NULL,
    note text CHECK (length(note) BETWEEN 1 AND 1000),
    handed_to text,
    PRIMARY KEY (application_id, number),
    CHECK (note IS NOT NULL OR handed_to IS NOT NULL)
);

-- Operators find what is published of them by any part of their name.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE INDEX published_items_by_words ON corrections.published_items USING gin (operator_name public.gin_trgm_ops);

-- migrate:down
DROP INDEX corrections.published_items_by_words;
DROP TABLE corrections.case_notes;
