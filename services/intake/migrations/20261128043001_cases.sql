-- migrate:up
-- Who handles a complaint that was entered at the desk.
CREATE TABLE intake.case_handlers (
    complaint_id uuid PRIMARY KEY REFERENCES intake.complaints (complaint_id),
    clerk text NOT NULL,
    since timestamptz NOT NULL
);

-- What was done about it at the desk, in order; notes are redacted before they are stored.
CREATE TABLE intake.case_steps (
    complaint_id uuid NOT NULL REFERENCES intake.complaints (complaint_id),
    number integer NOT NULL CHECK (number > 0),
    step text NOT NULL CHECK (step IN (
        'registered', 'edited', 'accept', 'reject', 'mediate', 'close', 'reopen', 'handed_over', 'noted')),
    done_by text NOT NULL,
    done_at timestamptz NOT NULL,
    day date,
    ground text,
    note text CHECK (length(note) BETWEEN 1 AND 1000),
    handed_to text,
    PRIMARY KEY (complaint_id, number),
    CHECK ((handed_to IS NOT NULL) = (step = 'handed_over'))
);

-- Operators are found by a part of their name while a complaint is entered.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE INDEX operators_by_words ON intake.operators USING gin (name public.gin_trgm_ops);

-- migrate:down
DROP INDEX intake.operators_by_words;
DROP TABLE intake.case_steps;
DROP TABLE intake.case_handlers;
