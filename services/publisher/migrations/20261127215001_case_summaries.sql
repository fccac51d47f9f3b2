-- migrate:up
-- Case summaries that people wrote, by item: the next version of an item keeps them.
CREATE TABLE publisher.case_summaries (
    item_id text PRIMARY KEY REFERENCES publisher.items (item_id),
    summary text NOT NULL CHECK (length(summary) BETWEEN 1 AND 400),
    edited_by text NOT NULL,
    edited_at timestamptz NOT NULL
);

-- The redacted texts of major complaints, beside which a summary is written. They go when the version is decided on.
CREATE TABLE publisher.complaint_texts (
    complaint_id text PRIMARY KEY,
    title text,
    story text
) WITH (fillfactor = 85);

-- migrate:down
DROP TABLE publisher.complaint_texts;
DROP TABLE publisher.case_summaries;
