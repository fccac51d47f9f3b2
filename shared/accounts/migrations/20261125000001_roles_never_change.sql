-- migrate:up
-- Whoever approved or released an item must not decide on it later: a role is for good, another one is another account.
CREATE FUNCTION accounts.refuse_another_role() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the role of % never changes', old.name USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER role_never_changes
    BEFORE UPDATE OF role ON accounts.people
    FOR EACH ROW
    WHEN (old.role IS DISTINCT FROM new.role)
    EXECUTE FUNCTION accounts.refuse_another_role();

-- migrate:down
DROP TRIGGER role_never_changes ON accounts.people;
DROP FUNCTION accounts.refuse_another_role();
