-- migrate:up
-- The national platform has one word for what was settled by the parties or withdrawn.
ALTER TABLE corrections.complaints DROP CONSTRAINT complaints_outcome_check;
ALTER TABLE corrections.complaints
    ADD CONSTRAINT complaints_outcome_check CHECK (
        outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred', 'settled_or_withdrawn')) NOT VALID;
ALTER TABLE corrections.complaint_effects DROP CONSTRAINT complaint_effects_outcome_check;
ALTER TABLE corrections.complaint_effects
    ADD CONSTRAINT complaint_effects_outcome_check CHECK (
        outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred', 'settled_or_withdrawn')) NOT VALID;

-- migrate:down
SELECT 1;
