-- migrate:up
-- Drafting offices (承办单位) write items of their own boards at the desk: an account of the role belongs to one office.
ALTER TABLE accounts.people
    ADD COLUMN office text,
    DROP CONSTRAINT people_role_check,
    ADD CONSTRAINT people_role_check
        CHECK (role IN ('clerk', 'drafter', 'reviewer', 'gatekeeper', 'officer', 'operator', 'ops', 'auditor')) NOT VALID,
    ADD CONSTRAINT a_drafter_has_an_office CHECK ((role = 'drafter') = (office IS NOT NULL)) NOT VALID;

CREATE FUNCTION accounts.office_of(login text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.office FROM accounts.people p WHERE p.name = login AND p.active
$$;

ALTER FUNCTION accounts.office_of(text) OWNER TO gongshi_accounts;

-- migrate:down
DROP FUNCTION accounts.office_of(text);
DELETE FROM accounts.people WHERE role = 'drafter';
ALTER TABLE accounts.people
    DROP CONSTRAINT a_drafter_has_an_office,
    DROP CONSTRAINT people_role_check,
    ADD CONSTRAINT people_role_check
        CHECK (role IN ('clerk', 'reviewer', 'gatekeeper', 'officer', 'operator', 'ops', 'auditor')) NOT VALID,
    DROP COLUMN office;
