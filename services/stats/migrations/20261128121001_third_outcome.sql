-- migrate:up
-- The national platform has one word for what was settled by the parties or withdrawn: closed, and in no numerator.
ALTER TABLE stats.contributions
    DROP CONSTRAINT contributions_outcome_check,
    DROP CONSTRAINT contributions_ruled_outcome_check;
ALTER TABLE stats.contributions
    ADD CONSTRAINT contributions_outcome_check CHECK (
        outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred', 'settled_or_withdrawn')) NOT VALID,
    ADD CONSTRAINT contributions_ruled_outcome_check CHECK (
        ruled_outcome IN ('mediated', 'self_settled', 'failed', 'withdrawn', 'transferred', 'settled_or_withdrawn')) NOT VALID;

-- migrate:down
SELECT 1;
