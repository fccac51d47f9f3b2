-- migrate:up
-- Not to publish (不予公示) is decided by two persons: one proposes it for a content, another one confirms it.
CREATE TABLE publisher.non_publications (
    item_id text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    code text NOT NULL,
    note text NOT NULL CHECK (note <> ''),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    confirmed_by text,
    confirmed_at timestamptz,
    PRIMARY KEY (item_id, version),
    FOREIGN KEY (item_id, version) REFERENCES publisher.versions (item_id, version),
    CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL))
);

-- Who proposes and who confirms is the person of the session, and they are two.
CREATE FUNCTION publisher.guard_non_publication() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    acting text;
BEGIN
    SELECT p.name INTO acting
      FROM accounts.person_of_session(decode(current_setting('gongshi.session', true), 'hex')) p
     WHERE p.role = 'reviewer' OR (p.role = 'gatekeeper' AND NEW.confirmed_by IS NOT NULL);
    IF acting IS DISTINCT FROM coalesce(NEW.confirmed_by, NEW.proposed_by) THEN
        RAISE EXCEPTION 'not to publish % is not for this person to decide', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.confirmed_by IS NOT NULL AND accounts.is_same_person(NEW.proposed_by, NEW.confirmed_by) THEN
        RAISE EXCEPTION 'not to publish % was proposed by the same person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_non_publication BEFORE INSERT OR UPDATE ON publisher.non_publications
   FOR EACH ROW EXECUTE FUNCTION publisher.guard_non_publication();

-- A version is declined on a ground only with both decisions on this content.
CREATE FUNCTION publisher.guard_declined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM publisher.non_publications n
      WHERE (n.item_id, n.version, n.digest, n.code) = (NEW.item_id, NEW.version, NEW.digest, NEW.return_code)
        AND n.confirmed_by IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not to publish % was not confirmed by a second person', NEW.item_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER guard_declined BEFORE UPDATE OF state ON publisher.versions
   FOR EACH ROW WHEN (NEW.state = 'rejected' AND NEW.return_code IS NOT NULL AND OLD.state <> 'rejected')
   EXECUTE FUNCTION publisher.guard_declined();

CREATE INDEX non_publications_waiting ON publisher.non_publications (proposed_at, item_id) WHERE confirmed_by IS NULL;
CREATE INDEX declined_versions ON publisher.versions (decided_at DESC, item_id)
 WHERE state = 'rejected' AND return_code IS NOT NULL;

-- migrate:down
DROP INDEX publisher.declined_versions;
DROP TRIGGER guard_declined ON publisher.versions;
DROP FUNCTION publisher.guard_declined();
DROP TABLE publisher.non_publications;
DROP FUNCTION publisher.guard_non_publication();
