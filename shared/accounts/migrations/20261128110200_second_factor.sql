-- migrate:up
-- The second factor of an account (RFC 6238): no service has rights to the tables, and the seed is told only to who proves to know
-- the password. `last_step` is the time step of the code that was used last: each code opens one session.
CREATE TABLE accounts.second_factors (
    person text PRIMARY KEY REFERENCES accounts.people (name) ON DELETE CASCADE,
    seed text NOT NULL CHECK (seed ~ '^[A-Z2-7]{32}$'),
    begun_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);

CREATE TABLE accounts.recovery_codes (
    code_hash bytea PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    person text NOT NULL REFERENCES accounts.second_factors (person) ON DELETE CASCADE
);

CREATE INDEX recovery_codes_of_person ON accounts.recovery_codes (person);

-- Whether the person of a live session has a second factor, since when, and how many recovery codes are left.
CREATE FUNCTION accounts.own_second_factor(token bytea) RETURNS TABLE (confirmed_at timestamptz, recovery_codes bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.confirmed_at, (SELECT count(*) FROM accounts.recovery_codes r WHERE r.person = f.person)
      FROM accounts.sessions s
      JOIN accounts.second_factors f ON f.person = s.person
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND f.confirmed_at IS NOT NULL
$$;

-- The seed of the factor in use, of who proves to know the password.
CREATE FUNCTION accounts.second_factor_seed(login text, proof bytea) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.seed
      FROM accounts.second_factors f
      JOIN accounts.people p ON p.name = f.person
     WHERE p.name = login
       AND p.active
       AND sha256(convert_to(p.password_hash, 'UTF8')) = proof
       AND f.confirmed_at IS NOT NULL
$$;

-- Begins to set up a factor for the person of a live session who proves to know the password; one that is in use stays.
CREATE FUNCTION accounts.begin_second_factor(token bytea, proof bytea, new_seed text) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH begun AS (
        INSERT INTO accounts.second_factors AS f (person, seed)
        SELECT p.name, new_seed
          FROM accounts.sessions s
          JOIN accounts.people p ON p.name = s.person
         WHERE s.token_hash = token
           AND s.expires_at > now()
           AND p.active
           AND sha256(convert_to(p.password_hash, 'UTF8')) = proof
            ON CONFLICT (person) DO UPDATE
           SET seed = excluded.seed, begun_at = now()
         WHERE f.confirmed_at IS NULL
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM begun)
$$;

-- The seed that the person of a live session is setting up, for ten minutes.
CREATE FUNCTION accounts.begun_seed(token bytea) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.seed
      FROM accounts.sessions s
      JOIN accounts.second_factors f ON f.person = s.person
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND f.confirmed_at IS NULL
       AND f.begun_at > now() - interval '10 minutes'
$$;

-- Takes the factor that is being set up into use, with its recovery codes; `step` is that of the code which confirmed it. Every
-- other session of the person ends: it was opened without the factor.
CREATE FUNCTION accounts.confirm_second_factor(token bytea, confirmed_seed text, step bigint, codes bytea[]) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH confirmed AS (
        UPDATE accounts.second_factors f
           SET confirmed_at = now(), last_step = step
          FROM accounts.sessions s
         WHERE s.token_hash = token
           AND s.expires_at > now()
           AND f.person = s.person
           AND f.confirmed_at IS NULL
           AND f.seed = confirmed_seed
        RETURNING f.person
    ), stored AS (
        INSERT INTO accounts.recovery_codes (code_hash, person)
        SELECT code, c.person FROM confirmed c CROSS JOIN unnest(codes) AS code
    ), others_end AS (
        DELETE FROM accounts.sessions o USING confirmed c WHERE o.person = c.person AND o.token_hash <> token
    )
    SELECT EXISTS (SELECT FROM confirmed)
$$;

-- Uses up a code: a step that no code of the person was used for, or a recovery code. The proof is that of the password. For the
-- functions below, no service calls it.
CREATE FUNCTION accounts.use_second_factor(login text, proof bytea, step bigint, recovery bytea) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH proven AS (
        SELECT p.name FROM accounts.people p
         WHERE p.name = login AND p.active AND sha256(convert_to(p.password_hash, 'UTF8')) = proof
    ), stepped AS (
        UPDATE accounts.second_factors f
           SET last_step = step
          FROM proven
         WHERE f.person = proven.name
           AND f.confirmed_at IS NOT NULL
           AND step > f.last_step
           AND step BETWEEN floor(extract(epoch FROM now()) / 30) - 2 AND floor(extract(epoch FROM now()) / 30) + 2
        RETURNING 1
    ), recovered AS (
        DELETE FROM accounts.recovery_codes r
         USING proven
         WHERE r.person = proven.name
           AND r.code_hash = recovery
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM stepped) OR EXISTS (SELECT FROM recovered)
$$;

-- Takes a factor out of use, for the person of a live session who proves to know the password and uses up a code.
CREATE FUNCTION accounts.remove_second_factor(token bytea, proof bytea, step bigint, recovery bytea) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    login text := (SELECT s.person FROM accounts.sessions s WHERE s.token_hash = token AND s.expires_at > now());
BEGIN
    IF login IS NULL OR NOT accounts.use_second_factor(login, proof, step, recovery) THEN
        RETURN false;
    END IF;
    DELETE FROM accounts.second_factors f WHERE f.person = login;
    RETURN true;
END
$$;

-- No session for the password alone where the account has a second factor: the code is used up in the same statement.
CREATE FUNCTION accounts.open_session(
    login text, proof bytea, token bytea, valid_for interval, step bigint, recovery bytea
) RETURNS TABLE (name text, display_name text, role text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM accounts.second_factors f WHERE f.person = login AND f.confirmed_at IS NOT NULL)
       AND NOT accounts.use_second_factor(login, proof, step, recovery)
    THEN
        RETURN;
    END IF;
    RETURN QUERY
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
    SELECT person.name, person.display_name, person.role FROM person;
END
$$;

DROP FUNCTION accounts.open_session(text, bytea, bytea, interval);

-- With whether the account has a second factor: where one is required, who has none may set it up and nothing else.
CREATE FUNCTION accounts.session_person(token bytea)
    RETURNS TABLE (name text, display_name text, role text, has_second_factor boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.display_name, p.role, f.confirmed_at IS NOT NULL
      FROM accounts.sessions s
      JOIN accounts.people p ON p.name = s.person
      LEFT JOIN accounts.second_factors f ON f.person = p.name
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND p.active
$$;

ALTER FUNCTION accounts.own_second_factor(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.second_factor_seed(text, bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.begin_second_factor(bytea, bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.begun_seed(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.confirm_second_factor(bytea, text, bigint, bytea[]) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.use_second_factor(text, bytea, bigint, bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.remove_second_factor(bytea, bytea, bigint, bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.open_session(text, bytea, bytea, interval, bigint, bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.session_person(bytea) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.session_person(bytea);
DROP FUNCTION accounts.open_session(text, bytea, bytea, interval, bigint, bytea);
DROP FUNCTION accounts.remove_second_factor(bytea, bytea, bigint, bytea);
DROP FUNCTION accounts.use_second_factor(text, bytea, bigint, bytea);
DROP FUNCTION accounts.confirm_second_factor(bytea, text, bigint, bytea[]);
DROP FUNCTION accounts.begun_seed(bytea);
DROP FUNCTION accounts.begin_second_factor(bytea, bytea, text);
DROP FUNCTION accounts.second_factor_seed(text, bytea);
DROP FUNCTION accounts.own_second_factor(bytea);
DROP TABLE accounts.recovery_codes;
DROP TABLE accounts.second_factors;

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

ALTER FUNCTION accounts.open_session(text, bytea, bytea, interval) OWNER TO gongshi_accounts;
