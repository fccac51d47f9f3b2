-- migrate:up
-- A proposal not to publish is confirmed as it was proposed: not stored confirmed, nor changed on the way.
CREATE OR REPLACE FUNCTION publisher.guard_non_publication() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting text;
BEGIN
    SELECT p.name INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role = 'reviewer' OR (p.role = 'gatekeeper' AND NEW.confirmed_by IS NOT NULL);
    IF acting IS DISTINCT FROM coalesce(NEW.confirmed_by, NEW.proposed_by) THEN
        RAISE EXCEPTION 'not to publish % is not for this person to decide', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.confirmed_by IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR (OLD.item_id, OLD.version, OLD.digest, OLD.code, OLD.note, OLD.proposed_by, OLD.proposed_at)
       IS DISTINCT FROM (NEW.item_id, NEW.version, NEW.digest, NEW.code, NEW.note, NEW.proposed_by, NEW.proposed_at) THEN
        RAISE EXCEPTION 'not to publish % was not proposed like this', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF accounts.is_same_person(NEW.proposed_by, NEW.confirmed_by) THEN
        RAISE EXCEPTION 'not to publish % was proposed by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The ground of a declined version comes with its two decisions whenever it is set. The trigger is named to fire after
-- `keep_version`, which computes the digest of the content.
CREATE OR REPLACE FUNCTION publisher.guard_declined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND (OLD.state, OLD.digest, OLD.return_code) IS NOT DISTINCT FROM (NEW.state, NEW.digest, NEW.return_code) THEN
        RETURN NEW;
    END IF;
    PERFORM FROM publisher.non_publications n
      WHERE (n.item_id, n.version, n.digest, n.code) = (NEW.item_id, NEW.version, NEW.digest, NEW.return_code)
        AND n.confirmed_by IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not to publish % was not confirmed by a second person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER guard_declined ON publisher.versions;
CREATE TRIGGER version_declined BEFORE INSERT OR UPDATE ON publisher.versions
   FOR EACH ROW WHEN (NEW.state = 'rejected' AND NEW.return_code IS NOT NULL)
   EXECUTE FUNCTION publisher.guard_declined();

-- migrate:down
DROP TRIGGER version_declined ON publisher.versions;
CREATE TRIGGER guard_declined BEFORE UPDATE OF state ON publisher.versions
   FOR EACH ROW WHEN (NEW.state = 'rejected' AND NEW.return_code IS NOT NULL AND OLD.state <> 'rejected')
   EXECUTE FUNCTION publisher.guard_declined();
