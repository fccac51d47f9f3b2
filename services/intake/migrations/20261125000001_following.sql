-- migrate:up
-- Names that stand for somebody else now and still have complaints that have not followed. A name with very many of them
-- moves them in several transactions.
CREATE TABLE intake.following (
    name_key text PRIMARY KEY REFERENCES intake.operator_names (name_key),
    since timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE intake.following;
