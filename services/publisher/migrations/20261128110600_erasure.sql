-- migrate:up
-- What was released and withdrawn can be erased: of a version's content nothing is left but its digest, which approvals, release record
-- and journal rest on. Only the owner of the database does it.
ALTER TABLE publisher.versions ADD COLUMN erased_at timestamptz;
ALTER TABLE publisher.releases ADD COLUMN erased_at timestamptz;

-- A form with what it says of anybody taken out; number, version, board, state and times stay.
CREATE FUNCTION publisher.without_content(form jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT jsonb_object_agg(f.key, CASE
               WHEN f.key = 'changes' THEN '[]'::jsonb
               WHEN f.key IN ('title', 'summary', 'content', 'operator', 'complaint_id', 'reason') THEN 'null'::jsonb
               ELSE f.value
           END)
      FROM jsonb_each(form) f
$$;

CREATE OR REPLACE FUNCTION publisher.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.erased_at IS NOT NULL THEN
        -- Who may not erase a release may not erase its version either.
        IF NEW.form IS DISTINCT FROM publisher.without_content(OLD.form)
           OR NOT has_table_privilege('publisher.releases', 'UPDATE')
        THEN
            RAISE EXCEPTION 'version % of % is erased and cannot change', OLD.version, OLD.item_id USING ERRCODE = 'check_violation';
        END IF;
        NEW.digest := OLD.digest;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.erased_at IS NOT NULL THEN
        RAISE EXCEPTION 'version % of % is erased and cannot change', OLD.version, OLD.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state IN ('released', 'superseded') AND NEW.form IS DISTINCT FROM OLD.form THEN
        RAISE EXCEPTION 'version % of % has been public and cannot change', OLD.version, OLD.item_id
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.digest := sha256(convert_to(NEW.form::text, 'UTF8'));
    RETURN NEW;
END $$;

-- migrate:down
CREATE OR REPLACE FUNCTION publisher.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state IN ('released', 'superseded') AND NEW.form IS DISTINCT FROM OLD.form THEN
        RAISE EXCEPTION 'version % of % has been public and cannot change', OLD.version, OLD.item_id
            USING ERRCODE = 'check_violation';
    END IF;
    NEW.digest := sha256(convert_to(NEW.form::text, 'UTF8'));
    RETURN NEW;
END $$;
DROP FUNCTION publisher.without_content(jsonb);
ALTER TABLE publisher.releases DROP COLUMN erased_at;
ALTER TABLE publisher.versions DROP COLUMN erased_at;
