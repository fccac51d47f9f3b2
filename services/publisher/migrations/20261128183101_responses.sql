-- migrate:up
-- An operator may ask to respond beside an item, which puts nothing under review.
ALTER TABLE publisher.applications DROP CONSTRAINT applications_kind_check;
ALTER TABLE publisher.applications
    ADD CONSTRAINT applications_kind_check CHECK (kind IN ('query', 'correction', 'response')) NOT VALID;

-- migrate:down
DELETE FROM publisher.applications WHERE kind = 'response';
ALTER TABLE publisher.applications DROP CONSTRAINT applications_kind_check;
ALTER TABLE publisher.applications
    ADD CONSTRAINT applications_kind_check CHECK (kind IN ('query', 'correction')) NOT VALID;
