-- migrate:up
-- Who is invited as a drafter belongs to an office.
DROP FUNCTION accounts.invite_person(bytea, text, text, text, text, bytea, timestamptz);
CREATE FUNCTION accounts.invite_person(
    token bytea, login text, shown text, of_role text, number text, of_office text, invitation bytea, until timestamptz
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM accounts.require_role(token, 'ops');
    INSERT INTO accounts.people (name, display_name, role, staff_number, office, password_hash)
    VALUES (login, shown, of_role, number, of_office, '!' || gen_random_uuid() || gen_random_uuid());
    INSERT INTO accounts.invitations (person, token_hash, expires_at)
    VALUES (login, invitation, least(until, now() + interval '7 days'));
END
$$;

ALTER FUNCTION accounts.invite_person(bytea, text, text, text, text, text, bytea, timestamptz) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.invite_person(bytea, text, text, text, text, text, bytea, timestamptz);
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
ALTER FUNCTION accounts.invite_person(bytea, text, text, text, text, bytea, timestamptz) OWNER TO gongshi_accounts;
