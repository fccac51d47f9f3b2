-- migrate:up
-- What each process of a service last said of itself, for the operations page: counts and names of things, never of persons.
CREATE TABLE accounts.service_states (
    service text NOT NULL CHECK (service ~ '^[a-z]{1,32}$'),
    process text NOT NULL CHECK (length(process) BETWEEN 1 AND 100),
    at timestamptz NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (service, process)
);

-- A process speaks for itself; what one said that ended a day ago goes.
CREATE FUNCTION accounts.report_state(of_service text, of_process text, reported jsonb) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM accounts.service_states s WHERE s.at < now() - interval '1 day';
    INSERT INTO accounts.service_states AS s (service, process, at, state)
    VALUES (of_service, of_process, now(), reported)
        ON CONFLICT (service, process) DO UPDATE SET at = excluded.at, state = excluded.state;
$$;

-- What a process said is over when it stops as it should.
CREATE FUNCTION accounts.withdraw_state(of_service text, of_process text) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM accounts.service_states s WHERE s.service = of_service AND s.process = of_process
$$;

CREATE FUNCTION accounts.service_states(token bytea)
    RETURNS TABLE (service text, process text, at timestamptz, state jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.service, s.process, s.at, s.state
      FROM accounts.service_states s
     WHERE EXISTS (
           SELECT FROM accounts.sessions o JOIN accounts.people p ON p.name = o.person
            WHERE o.token_hash = token AND o.expires_at > now() AND p.active AND p.role = 'ops')
     ORDER BY s.service, s.process
$$;

ALTER FUNCTION accounts.report_state(text, text, jsonb) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.withdraw_state(text, text) OWNER TO gongshi_accounts;
ALTER FUNCTION accounts.service_states(bytea) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.service_states(bytea);
DROP FUNCTION accounts.withdraw_state(text, text);
DROP FUNCTION accounts.report_state(text, text, jsonb);
DROP TABLE accounts.service_states;
