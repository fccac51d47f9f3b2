-- migrate:up
-- A seed is stored encrypted, under a key that the database does not know: the rows from before are sealed by `gongshi migrate`
-- right after this, which validates the constraint then.
ALTER TABLE accounts.second_factors DROP CONSTRAINT second_factors_seed_check;
ALTER TABLE accounts.second_factors
    ADD CONSTRAINT second_factors_seed_is_sealed CHECK (seed ~ '^v1\.[A-Za-z0-9_=-]{80,120}$') NOT VALID;

-- migrate:down
ALTER TABLE accounts.second_factors DROP CONSTRAINT second_factors_seed_is_sealed;
ALTER TABLE accounts.second_factors
    ADD CONSTRAINT second_factors_seed_check CHECK (seed ~ '^[A-Z2-7]{32}$') NOT VALID;
