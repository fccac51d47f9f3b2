-- migrate:up
-- A name that two credit codes claim is a question for a person: `assigned_to` is one of the codes, or empty where the name is
-- to stand for nobody. Until then the complaints that know the name only stay where they are.
ALTER TABLE intake.operator_names
    ADD COLUMN assigned_to text,
    ADD COLUMN assigned_by text,
    ADD COLUMN assigned_at timestamptz,
    ADD CONSTRAINT assigned_by_somebody CHECK ((assigned_to IS NULL) = (assigned_by IS NULL)) NOT VALID;

CREATE INDEX contested_names ON intake.operator_names (name_key) WHERE cardinality(claimed_by) > 1;

-- migrate:down
DROP INDEX intake.contested_names;
ALTER TABLE intake.operator_names
    DROP CONSTRAINT assigned_by_somebody,
    DROP COLUMN assigned_at,
    DROP COLUMN assigned_by,
    DROP COLUMN assigned_to;
