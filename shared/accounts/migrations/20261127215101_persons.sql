-- migrate:up
-- An account belongs to a person, who is known by a staff number (工号); one without a number is a person of its own.
ALTER TABLE accounts.people ADD COLUMN staff_number text CHECK (staff_number ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$');

-- Whether two accounts are of one person. Somebody without an account, as a program, is nobody else.
CREATE FUNCTION accounts.is_same_person(one text, other text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT one = other OR EXISTS (
        SELECT FROM accounts.people a JOIN accounts.people b USING (staff_number) WHERE a.name = one AND b.name = other)
$$;

ALTER FUNCTION accounts.is_same_person(text, text) OWNER TO gongshi_accounts;

-- Who could give an account another person could let one person take two steps.
CREATE FUNCTION accounts.refuse_another_person() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the staff number of % never changes', OLD.name USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER staff_number_never_changes
    BEFORE UPDATE OF staff_number ON accounts.people
    FOR EACH ROW
    WHEN (OLD.staff_number IS NOT NULL AND OLD.staff_number IS DISTINCT FROM NEW.staff_number)
    EXECUTE FUNCTION accounts.refuse_another_person();

-- migrate:down
DROP TRIGGER staff_number_never_changes ON accounts.people;
DROP FUNCTION accounts.refuse_another_person();
DROP FUNCTION accounts.is_same_person(text, text);
ALTER TABLE accounts.people DROP COLUMN staff_number;
