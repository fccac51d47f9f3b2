-- migrate:up
-- What a service may do about people and sessions, and no more: none of them has rights to these tables. A session opens for
-- who proves to know the password, so that no service makes one for somebody else; a hash never leaves the database.
GRANT CREATE ON SCHEMA accounts TO gongshi_accounts;

-- How a password is to be hashed: the encoded hash without its last part. NULL where nobody may sign in by that name.
CREATE FUNCTION accounts.password_parameters(login text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substring(p.password_hash FROM '^(.*)[$][^$]*$') FROM accounts.people p WHERE p.name = login AND p.active
$$;

-- `proof`: SHA-256 of the encoded hash of the password; `token`: SHA-256 of the session's token. No row: a wrong password.
CREATE FUNCTION accounts.open_session(login text, proof bytea, token bytea, valid_for interval)
    RETURNS TABLE (name text, display_name text, role text)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH person AS (
        SELECT p.name, p.display_name, p.role
          FROM accounts.people p
         WHERE p.name = login
           AND p.active
           AND sha256(convert_to(p.password_hash, 'UTF8')) = proof
    ), opened AS (
        INSERT INTO accounts.sessions (token_hash, person, expires_at)
        SELECT token, person.name, now() + least(valid_for, interval '10 hours') FROM person
    )
    SELECT person.name, person.display_name, person.role FROM person
$$;

CREATE FUNCTION accounts.person_of_session(token bytea) RETURNS TABLE (name text, display_name text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.display_name, p.role
      FROM accounts.sessions s
      JOIN accounts.people p ON p.name = s.person
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND p.active
$$;

CREATE FUNCTION accounts.close_session(token bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM accounts.sessions WHERE token_hash = token OR expires_at < now()
$$;

CREATE FUNCTION accounts.display_names(logins text[]) RETURNS TABLE (name text, display_name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.display_name FROM accounts.people p WHERE p.name = ANY (logins)
$$;

-- The functions act with the rights of a role that owns nothing and cannot sign in.
ALTER FUNCTION accounts.password_parameters(text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.open_session(text, bytea, bytea, interval) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.person_of_session(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.close_session(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.display_names(text[]) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.admit_attempt(text, bytea, bytea, bytea, timestamptz, bigint, bigint, bigint) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.settle_attempt(text, bytea, bytea, bytea, timestamptz, integer) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.display_names(text[]);
DROP FUNCTION accounts.close_session(bytea);
DROP FUNCTION accounts.person_of_session(bytea);
DROP FUNCTION accounts.open_session(text, bytea, bytea, interval);
DROP FUNCTION accounts.password_parameters(text);
