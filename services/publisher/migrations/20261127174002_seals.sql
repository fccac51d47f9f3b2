-- migrate:up
-- The seals of the journals as the topic tells them, for everybody to copy. `body` is the seal as it was signed.
CREATE TABLE publisher.seals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_key text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    sealed_at timestamptz NOT NULL,
    body text NOT NULL,
    UNIQUE (public_key, number)
);

-- migrate:down
DROP TABLE publisher.seals;
