-- migrate:up
-- Who has the role of the person of a session, to hand work over to; the person themselves is left out.
CREATE FUNCTION accounts.colleagues(session bytea) RETURNS TABLE (name text, display_name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.name, p.display_name
      FROM accounts.person_of_session(session) s
      JOIN accounts.people p ON p.role = s.role AND p.name <> s.name
     WHERE p.active
     ORDER BY p.display_name, p.name
$$;

ALTER FUNCTION accounts.colleagues(bytea) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.colleagues(bytea);
