-- migrate:up
-- Two steps of the gate need two persons, not two accounts.
CREATE FUNCTION publisher.guard_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM publisher.versions v
      WHERE (v.item_id, v.version) = (NEW.item_id, NEW.version) AND accounts.is_same_person(v.drafted_by, NEW.person);
    IF FOUND THEN
        RAISE EXCEPTION '% was drafted by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    PERFORM FROM publisher.approvals a
      WHERE (a.item_id, a.version, a.digest) = (NEW.item_id, NEW.version, NEW.digest)
        AND a.person <> NEW.person AND accounts.is_same_person(a.person, NEW.person);
    IF FOUND THEN
        RAISE EXCEPTION '% was approved by the same person in another account', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_persons BEFORE INSERT ON publisher.approvals
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_persons();

-- migrate:down
DROP TRIGGER guard_persons ON publisher.approvals;
DROP FUNCTION publisher.guard_persons();
