-- migrate:up
-- What an operator wants to stand beside the item, with an application for a correction or by itself; on the decision what of it
-- the office admits.
ALTER TABLE corrections.applications
    ADD COLUMN response text,
    ADD CONSTRAINT applications_response_check CHECK (length(response) BETWEEN 1 AND 500) NOT VALID,
    ADD CONSTRAINT applications_respond CHECK (kind <> 'response' OR response IS NOT NULL) NOT VALID;
ALTER TABLE corrections.applications DROP CONSTRAINT applications_kind_check;
ALTER TABLE corrections.applications
    ADD CONSTRAINT applications_kind_check CHECK (kind IN ('query', 'correction', 'response')) NOT VALID;
ALTER TABLE corrections.decisions
    ADD COLUMN response text,
    ADD CONSTRAINT decisions_response_check CHECK (length(response) BETWEEN 1 AND 500) NOT VALID,
    ADD CONSTRAINT decisions_withdrawn_without_response CHECK (decision <> 'withdrawn' OR response IS NULL) NOT VALID;

-- migrate:down
ALTER TABLE corrections.decisions DROP COLUMN response;
ALTER TABLE corrections.applications DROP COLUMN response;
