-- migrate:up
-- Attempts to sign in, counted by window: of an address, of a name, in all. `key` is a digest: no name and no address is kept.
CREATE TABLE accounts.attempts (
    kind text NOT NULL CHECK (kind IN ('address', 'name', 'all', 'device')),
    key bytea NOT NULL,
    began_at timestamptz NOT NULL,
    count bigint NOT NULL DEFAULT 1 CHECK (count > 0),
    PRIMARY KEY (kind, key, began_at)
);

CREATE INDEX attempts_age ON accounts.attempts (began_at);

-- Browsers in which somebody has signed in: they are heard while strangers wait. `token_hash` is the SHA-256 of a cookie.
CREATE TABLE accounts.devices (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    person text NOT NULL REFERENCES accounts.people (name) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX devices_of_person ON accounts.devices (person, seen_at);

-- Counts an attempt and says whether it is heard, in one statement: two at once cannot both be the last one.
-- A known device of this name is counted by itself alone. Of a stranger each later count waits for the one before it: who is
-- refused for his address neither fills the count of a name nor that of all.
CREATE FUNCTION accounts.admit_attempt(
    login text, name_key bytea, address_key bytea, device bytea, starts timestamptz,
    of_name bigint, of_address bigint, in_all bigint
) RETURNS text
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH swept AS (
        DELETE FROM accounts.attempts a WHERE a.began_at < starts - interval '1 day'
    ), known AS (
        SELECT d.token_hash FROM accounts.devices d WHERE d.token_hash = device AND d.person = login
    ), of_device AS (
        INSERT INTO accounts.attempts AS a (kind, key, began_at)
        SELECT 'device', k.token_hash, starts FROM known k
            ON CONFLICT (kind, key, began_at) DO UPDATE SET count = a.count + 1
        RETURNING a.count
    ), address AS (
        INSERT INTO accounts.attempts AS a (kind, key, began_at)
        SELECT 'address', address_key, starts WHERE NOT EXISTS (SELECT FROM known)
            ON CONFLICT (kind, key, began_at) DO UPDATE SET count = a.count + 1
        RETURNING a.count
    ), name AS (
        INSERT INTO accounts.attempts AS a (kind, key, began_at)
        SELECT 'name', name_key, starts FROM address WHERE address.count <= of_address
            ON CONFLICT (kind, key, began_at) DO UPDATE SET count = a.count + 1
        RETURNING a.count
    ), everybody AS (
        INSERT INTO accounts.attempts AS a (kind, key, began_at)
        SELECT 'all', '', starts FROM name WHERE name.count <= of_name
            ON CONFLICT (kind, key, began_at) DO UPDATE SET count = a.count + 1
        RETURNING a.count
    )
    SELECT CASE
        WHEN EXISTS (SELECT FROM of_device) THEN
            (SELECT CASE WHEN d.count <= of_name THEN 'known' ELSE 'device' END FROM of_device d)
        WHEN NOT EXISTS (SELECT FROM name) THEN 'address'
        WHEN NOT EXISTS (SELECT FROM everybody) THEN 'name'
        WHEN (SELECT e.count FROM everybody e) > in_all THEN 'all'
        ELSE 'stranger'
    END
$$;

-- After the right password: the device is known from now on, and what it took is given back.
CREATE FUNCTION accounts.settle_attempt(
    login text, name_key bytea, address_key bytea, device bytea, starts timestamptz, kept_devices integer
) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE accounts.attempts a
       SET count = a.count - 1
     WHERE a.began_at = starts
       AND a.count > 1
       AND ((a.kind = 'address' AND a.key = address_key) OR (a.kind = 'name' AND a.key = name_key));
    DELETE FROM accounts.attempts a WHERE a.kind = 'device' AND a.key = device;
    INSERT INTO accounts.devices (token_hash, person) VALUES (device, login)
        ON CONFLICT (token_hash) DO UPDATE SET person = excluded.person, seen_at = now();
    DELETE FROM accounts.devices d
     WHERE d.person = login
       AND d.token_hash NOT IN (
           SELECT e.token_hash FROM accounts.devices e WHERE e.person = login ORDER BY e.seen_at DESC LIMIT kept_devices
       );
$$;

-- migrate:down
DROP FUNCTION accounts.settle_attempt(text, bytea, bytea, bytea, timestamptz, integer);
DROP FUNCTION accounts.admit_attempt(text, bytea, bytea, bytea, timestamptz, bigint, bigint, bigint);
DROP TABLE accounts.devices;
DROP TABLE accounts.attempts;
