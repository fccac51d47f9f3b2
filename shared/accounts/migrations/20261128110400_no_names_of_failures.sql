-- migrate:up
-- Failed sign-ins are counted under digests in accounts.attempts; names in clear, as people typed them, are kept nowhere.
DROP TRIGGER failures_swept ON accounts.failures;
DROP FUNCTION accounts.sweep_failures();
DROP TABLE accounts.failures;

-- migrate:down
CREATE TABLE accounts.failures (
    name text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX failures_recent ON accounts.failures (name, at);
CREATE INDEX failures_age ON accounts.failures (at);
CREATE FUNCTION accounts.sweep_failures() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM accounts.failures WHERE at < now() - interval '1 day';
    RETURN NULL;
END
$$;
CREATE TRIGGER failures_swept AFTER INSERT ON accounts.failures FOR EACH STATEMENT EXECUTE FUNCTION accounts.sweep_failures();
