-- migrate:up
-- A third claimant of a name is offered to the person who decides, and those behind it.
ALTER TABLE intake.operator_names
    DROP CONSTRAINT operator_names_claimed_by_check,
    ADD CONSTRAINT operator_names_claimed_by_check CHECK (cardinality(claimed_by) <= 20) NOT VALID;

-- migrate:down
UPDATE intake.operator_names SET claimed_by = claimed_by[1:2] WHERE cardinality(claimed_by) > 2;
ALTER TABLE intake.operator_names
    DROP CONSTRAINT operator_names_claimed_by_check,
    ADD CONSTRAINT operator_names_claimed_by_check CHECK (cardinality(claimed_by) <= 2) NOT VALID;
