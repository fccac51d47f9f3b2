-- migrate:up
-- Whose form a browser sends whose session is over: the person of that session while it is known, else who signed in there last.
CREATE FUNCTION accounts.person_of_browser(token bytea, device bytea) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (SELECT s.person FROM accounts.sessions s WHERE s.token_hash = token),
        (SELECT d.person FROM accounts.devices d WHERE d.token_hash = device)
    )
$$;

ALTER FUNCTION accounts.person_of_browser(bytea, bytea) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.person_of_browser(bytea, bytea);
