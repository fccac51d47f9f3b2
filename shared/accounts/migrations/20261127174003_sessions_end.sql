-- migrate:up
-- A new password, or an account that is disabled, ends every session of the person: whoever does it, by whatever way.
CREATE FUNCTION accounts.end_sessions() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM accounts.sessions WHERE person = NEW.name;
    RETURN NULL;
END
$$;

CREATE TRIGGER sessions_end
    AFTER UPDATE OF password_hash, active ON accounts.people
    FOR EACH ROW
    WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash OR NOT NEW.active)
    EXECUTE FUNCTION accounts.end_sessions();

-- Failed sign-ins are counted within a quarter of an hour; a name that somebody typed is not kept longer than a day.
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

-- migrate:down
DROP TRIGGER failures_swept ON accounts.failures;
DROP FUNCTION accounts.sweep_failures();
DROP INDEX accounts.failures_age;
DROP TRIGGER sessions_end ON accounts.people;
DROP FUNCTION accounts.end_sessions();
