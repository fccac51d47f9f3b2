-- migrate:up
-- A one-time link by which somebody sets the first or a new password; the SHA-256 of its token alone is here.
CREATE TABLE accounts.invitations (
    person text PRIMARY KEY REFERENCES accounts.people (name) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    expires_at timestamptz NOT NULL
);

-- Who acts in a live session, if the account has the role; else nothing is done or shown.
CREATE FUNCTION accounts.require_role(token bytea, of_role text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    actor text;
BEGIN
    SELECT p.name INTO actor
      FROM accounts.sessions s JOIN accounts.people p ON p.name = s.person
     WHERE s.token_hash = token AND s.expires_at > now() AND p.active AND p.role = of_role;
    IF actor IS NULL THEN
        RAISE EXCEPTION 'this is for the role %', of_role USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN actor;
END
$$;

CREATE FUNCTION accounts.list_people(token bytea)
    RETURNS TABLE (name text, display_name text, staff_number text, role text, active boolean, created_at timestamptz,
                   sessions bigint, invited_until timestamptz, locked_out boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    RETURN QUERY
    SELECT p.name, p.display_name, p.staff_number, p.role, p.active, p.created_at,
           (SELECT count(*) FROM accounts.sessions s WHERE s.person = p.name AND s.expires_at > now()),
           (SELECT i.expires_at FROM accounts.invitations i WHERE i.person = p.name AND i.expires_at > now()),
           EXISTS (SELECT FROM accounts.attempts a
                    WHERE a.kind = 'name' AND a.key = sha256(convert_to(p.name, 'UTF8')) AND a.count > 10
                      AND a.began_at > now() - interval '15 minutes')
      FROM accounts.people p
     ORDER BY p.name;
END
$$;

CREATE FUNCTION accounts.list_sessions(token bytea, login text) RETURNS TABLE (opened_at timestamptz, expires_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    RETURN QUERY
    SELECT s.opened_at, s.expires_at FROM accounts.sessions s
     WHERE s.person = login AND s.expires_at > now() ORDER BY s.opened_at DESC;
END
$$;

-- A new account, whose password is set by the link. Until then no password and no proof of one fits.
CREATE FUNCTION accounts.invite_person(
    token bytea, login text, shown text, of_role text, number text, invitation bytea, until timestamptz
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    INSERT INTO accounts.people (name, display_name, role, staff_number, password_hash)
    VALUES (login, shown, of_role, number, '!' || gen_random_uuid() || gen_random_uuid());
    INSERT INTO accounts.invitations (person, token_hash, expires_at)
    VALUES (login, invitation, least(until, now() + interval '7 days'));
END
$$;

-- A new link: what was the password is none any more, sessions end, a disabled account is active again.
CREATE FUNCTION accounts.renew_invitation(token bytea, login text, invitation bytea, until timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF accounts.require_role(token, 'ops') = login THEN
        RETURN false;
    END IF;
    UPDATE accounts.people p
       SET password_hash = '!' || gen_random_uuid() || gen_random_uuid(), active = true
     WHERE p.name = login;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO accounts.invitations AS i (person, token_hash, expires_at)
    VALUES (login, invitation, least(until, now() + interval '7 days'))
        ON CONFLICT (person) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at;
    RETURN true;
END
$$;

CREATE FUNCTION accounts.invited_person(invitation bytea) RETURNS TABLE (name text, display_name text, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.display_name, p.role
      FROM accounts.invitations i JOIN accounts.people p ON p.name = i.person
     WHERE i.token_hash = invitation AND i.expires_at > now() AND p.active
$$;

-- A link serves once.
CREATE FUNCTION accounts.accept_invitation(invitation bytea, new_hash text) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH accepted AS (
        DELETE FROM accounts.invitations i
         WHERE i.token_hash = invitation AND i.expires_at > now() AND new_hash LIKE '$argon2id$%'
        RETURNING i.person
    ), changed AS (
        UPDATE accounts.people p SET password_hash = new_hash
          FROM accepted a WHERE p.name = a.person AND p.active
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM changed)
$$;

-- Nobody disables the own account: the last one could lock all out.
CREATE FUNCTION accounts.disable_person(token bytea, login text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF accounts.require_role(token, 'ops') = login THEN
        RETURN false;
    END IF;
    DELETE FROM accounts.invitations i WHERE i.person = login;
    UPDATE accounts.people p SET active = false WHERE p.name = login AND p.active;
    RETURN FOUND;
END
$$;

CREATE FUNCTION accounts.end_sessions_of(token bytea, login text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    DELETE FROM accounts.sessions s WHERE s.person = login;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;

-- Strangers' attempts by that name are forgotten: the person is heard again from any browser.
CREATE FUNCTION accounts.lift_lock_out(token bytea, login text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    DELETE FROM accounts.attempts a WHERE a.kind = 'name' AND a.key = sha256(convert_to(login, 'UTF8'));
    RETURN FOUND;
END
$$;

-- Entries of all journals for an auditor, the newest first; an empty condition is none. Their tables are made after these.
CREATE FUNCTION accounts.find_entries(
    token bytea, of_service text, of_actor text, of_action text, of_subject text, since timestamptz, until timestamptz,
    before_at timestamptz, before_service text, before_seq bigint, most bigint
) RETURNS TABLE (service text, seq bigint, at timestamptz, actor text, action text, subject text, detail text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'auditor');
    RETURN QUERY
    SELECT e.service, e.seq, e.at, e.actor, e.action, e.subject, e.detail::text
      FROM (SELECT 'accounts', j.seq, j.at, j.actor, j.action, j.subject, j.detail FROM accounts.journal j
            UNION ALL
            SELECT 'intake', j.seq, j.at, j.actor, j.action, j.subject, j.detail FROM intake.journal j
            UNION ALL
            SELECT 'stats', j.seq, j.at, j.actor, j.action, j.subject, j.detail FROM stats.journal j
            UNION ALL
            SELECT 'publisher', j.seq, j.at, j.actor, j.action, j.subject, j.detail FROM publisher.journal j
            UNION ALL
            SELECT 'corrections', j.seq, j.at, j.actor, j.action, j.subject, j.detail FROM corrections.journal j
           ) AS e (service, seq, at, actor, action, subject, detail)
     WHERE (of_service = '' OR e.service = of_service)
       AND (of_actor = '' OR e.actor = of_actor)
       AND (of_action = '' OR e.action = of_action)
       AND (of_subject = '' OR strpos(e.subject, of_subject) > 0)
       AND (since IS NULL OR e.at >= since)
       AND (until IS NULL OR e.at < until)
       AND (before_at IS NULL OR (e.at, e.service, e.seq) < (before_at, before_service, before_seq))
     ORDER BY e.at DESC, e.service DESC, e.seq DESC
     LIMIT most;
END
$$;

ALTER FUNCTION accounts.require_role(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.list_people(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.list_sessions(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.invite_person(bytea, text, text, text, text, bytea, timestamptz) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.renew_invitation(bytea, text, bytea, timestamptz) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.invited_person(bytea) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.accept_invitation(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.disable_person(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.end_sessions_of(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.lift_lock_out(bytea, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.find_entries(
    bytea, text, text, text, text, timestamptz, timestamptz, timestamptz, text, bigint, bigint
) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.find_entries(
    bytea, text, text, text, text, timestamptz, timestamptz, timestamptz, text, bigint, bigint
);
DROP FUNCTION accounts.lift_lock_out(bytea, text);
DROP FUNCTION accounts.end_sessions_of(bytea, text);
DROP FUNCTION accounts.disable_person(bytea, text);
DROP FUNCTION accounts.accept_invitation(bytea, text);
DROP FUNCTION accounts.invited_person(bytea);
DROP FUNCTION accounts.renew_invitation(bytea, text, bytea, timestamptz);
DROP FUNCTION accounts.invite_person(bytea, text, text, text, text, bytea, timestamptz);
DROP FUNCTION accounts.list_sessions(bytea, text);
DROP FUNCTION accounts.list_people(bytea);
DROP FUNCTION accounts.require_role(bytea, text);
DROP TABLE accounts.invitations;
