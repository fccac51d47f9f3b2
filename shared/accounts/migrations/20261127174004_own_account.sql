-- migrate:up
-- A session ends an hour after its last use, and ten hours after its beginning at the latest.
CREATE FUNCTION accounts.begin_session() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.expires_at := least(NEW.expires_at, NEW.opened_at + interval '1 hour');
    RETURN NEW;
END
$$;

CREATE TRIGGER session_begins BEFORE INSERT ON accounts.sessions FOR EACH ROW EXECUTE FUNCTION accounts.begin_session();

-- A live session lives on for an hour from now; written at most once a minute.
CREATE FUNCTION accounts.extend_session(token bytea) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE accounts.sessions s
       SET expires_at = least(s.opened_at + interval '10 hours', now() + interval '1 hour')
     WHERE s.token_hash = token
       AND s.expires_at BETWEEN now() AND least(s.opened_at + interval '10 hours', now() + interval '59 minutes')
       AND s.expires_at < s.opened_at + interval '10 hours'
$$;

-- The open sessions of the person of a live session, the newest first.
CREATE FUNCTION accounts.own_sessions(token bytea) RETURNS TABLE (opened_at timestamptz, expires_at timestamptz, is_this boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT o.opened_at, o.expires_at, o.token_hash = token
      FROM accounts.sessions s
      JOIN accounts.sessions o ON o.person = s.person
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND o.expires_at > now()
     ORDER BY o.opened_at DESC
$$;

CREATE FUNCTION accounts.close_own_sessions(token bytea) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM accounts.sessions o
     USING accounts.sessions s
     WHERE s.token_hash = token
       AND s.expires_at > now()
       AND o.person = s.person
$$;

-- A new password for the person of a live session who proves to know the present one; it ends all sessions by the trigger.
CREATE FUNCTION accounts.change_password(token bytea, proof bytea, new_hash text) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH changed AS (
        UPDATE accounts.people p
           SET password_hash = new_hash
          FROM accounts.sessions s
         WHERE s.token_hash = token
           AND s.expires_at > now()
           AND p.name = s.person
           AND p.active
           AND sha256(convert_to(p.password_hash, 'UTF8')) = proof
           AND new_hash LIKE '$argon2id$%'
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM changed)
$$;

ALTER FUNCTION accounts.change_password(bytea, bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.extend_session(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.own_sessions(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.close_own_sessions(bytea) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.change_password(bytea, bytea, text);
DROP FUNCTION accounts.close_own_sessions(bytea);
DROP FUNCTION accounts.own_sessions(bytea);
DROP FUNCTION accounts.extend_session(bytea);
DROP TRIGGER session_begins ON accounts.sessions;
DROP FUNCTION accounts.begin_session();
