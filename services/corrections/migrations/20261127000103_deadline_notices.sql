-- migrate:up
-- The notices that moved a deadline: the reason that the operator is shown.
ALTER TABLE corrections.deadline_changes ADD COLUMN notices text[] NOT NULL DEFAULT '{}';

-- migrate:down
ALTER TABLE corrections.deadline_changes DROP COLUMN notices;
