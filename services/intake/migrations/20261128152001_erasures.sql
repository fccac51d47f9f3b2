-- migrate:up
-- Complaints whose words were erased with the item that was made of them: later reports of them are stored without words.
CREATE TABLE intake.erasures (
    complaint_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL
);

-- migrate:down
DROP TABLE intake.erasures;
